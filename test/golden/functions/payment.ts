/** How it was paid. */
export enum Method {
  Card = 'card',
  Transfer = 'transfer',
}

/** Amounts, counted exactly. */
export class Cents {
  readonly value: bigint

  constructor(text: string) {
    const [whole = '0', fraction = ''] = text.split('.')
    this.value = BigInt(whole) * 100n + BigInt(fraction.padEnd(2, '0'))
  }

  times(factor: bigint): Cents {
    return Cents.of(this.value * factor)
  }

  toString(): string {
    return `${this.value / 100n}.${String(this.value % 100n).padStart(2, '0')}`
  }

  static of(value: bigint): Cents {
    return Object.assign(new Cents('0'), { value })
  }
}

const factor = 2n

export const twice = (text: string): string => new Cents(text).times(factor).toString()
