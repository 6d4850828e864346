/** Random functions of on-demand features, as text that is both TypeScript and JavaScript. */
import type { ValueType } from 'meridian'
import type { Draw } from './draw.ts'

/** A value that a function can reach. */
export interface Reachable {
  /** Such as `request.ask`. */
  readonly text: string
  readonly type: ValueType
  readonly nullable: boolean
}

/** What functions share, as a module has it; `number` stands after each argument in TypeScript. */
export const helpers = (number: string): string => `
const half = (x${number}) => x / 2
function clamp(x${number}, least${number}, most${number}) {
  return x < least ? least : x > most ? most : x
}
const wholeOf = (x${number}) => (Number.isFinite(x) ? Math.trunc(clamp(x, -1e6, 1e6)) : 0)
const words = ['none', 'some', 'many']
`

/** Types that functions return. */
export const returned: readonly ValueType[] = [
  { type: 'float64' },
  { type: 'float64' },
  { type: 'int32' },
  { type: 'int64', as: 'bigint' },
  { type: 'int64', as: 'number' },
  { type: 'boolean' },
  { type: 'string' },
  { type: 'decimal', precision: 10, scale: 2 },
  { type: 'timestamp' },
  { type: 'json' },
  { type: 'list', element: { type: 'float64' } },
  { type: 'vector', dimensions: 2 },
]

export class Functions {
  readonly #draw: Draw
  readonly #reachable: readonly Reachable[]

  constructor(draw: Draw, reachable: readonly Reachable[]) {
    this.#draw = draw
    this.#reachable = reachable
  }

  /** An expression of a type; now and then one that is null, or, where that is allowed, one that throws. */
  body(type: ValueType, mayThrow: boolean): string {
    const value = this.#of(type)
    if (mayThrow && this.#draw.chance(25)) {
      const failing = this.#draw.pick([
        "(() => { throw new RangeError('no') })()",
        '[].missing.more',
        "'not of the type' as never",
      ])
      return `${this.#boolean(2)} ? ${value} : ${failing}`
    }
    return this.#draw.chance(20) ? `${this.#boolean(1)} ? ${value} : null` : value
  }

  #of(type: ValueType): string {
    const same = this.#some(found => JSON.stringify(found.type) === JSON.stringify(type))
    if (same && this.#draw.chance(40)) return same.text
    switch (type.type) {
      case 'boolean':
        return this.#boolean(2)
      case 'float64':
        return this.#number(3)
      case 'int32':
        return `wholeOf(${this.#number(2)})`
      case 'int64':
        return type.as === 'number' ? `wholeOf(${this.#number(2)}) * 1000` : `BigInt.asIntN(64, ${this.#bigint()} * 3n)`
      case 'decimal':
        return `clamp(wholeOf(${this.#number(2)}) / 100, -9999, 9999).toFixed(2)`
      case 'string':
        return this.#text()
      case 'timestamp':
        return `new Date(now.getTime() - wholeOf(${this.#number(1)}))`
      case 'json':
        return `({ n: wholeOf(${this.#number(1)}), text: [${this.#text()}, null], yes: ${this.#boolean(1)} })`
      case 'list':
        return `[${this.#number(1)}, null, ${this.#number(1)}]`
      case 'vector':
        return `Float32Array.of(${this.#number(1)}, ${this.#number(1)})`
      default:
        throw new Error(`no function returns ${type.type}`)
    }
  }

  #number(depth: number): string {
    const draw = this.#draw
    if (depth === 0 || draw.chance(25)) return this.#leaf()
    const [one, other] = [this.#number(depth - 1), this.#number(depth - 1)]
    return draw.pick([
      `(${one} ${draw.pick(['+', '-', '*', '/', '%'])} ${other})`,
      `Math.max(${one}, ${other})`,
      `half(${one})`,
      `clamp(${one}, -5, ${other})`,
      `(${this.#boolean(depth - 1)} ? ${one} : ${other})`,
      `Math.sqrt(${one})`,
      `${this.#text()}.length`,
    ])
  }

  #leaf(): string {
    const draw = this.#draw
    const found = this.#some(({ type }) =>
      ['float64', 'int32', 'int64', 'decimal', 'boolean', 'timestamp'].includes(type.type),
    )
    if (found && draw.chance(70)) {
      const value = found.nullable ? `(${found.text} ?? ${zeros[found.type.type]})` : found.text
      if (found.type.type === 'timestamp') return `${found.nullable ? `(${found.text} ?? now)` : found.text}.getTime()`
      return found.type.type === 'float64' || found.type.type === 'int32' ? value : `Number(${value})`
    }
    return draw.pick(['1', '0.1', '-2.5', '1e9', 'now.getUTCSeconds()', 'random()'])
  }

  #bigint(): string {
    const found = this.#some(({ type }) => type.type === 'int64' && type.as === 'bigint')
    if (found) return found.nullable ? `(${found.text} ?? 5n)` : found.text
    return `BigInt(wholeOf(${this.#number(1)}))`
  }

  #boolean(depth: number): string {
    const draw = this.#draw
    const found = this.#some(() => true)
    if (found && draw.chance(30)) return `(${found.text} === null)`
    if (depth === 0 || draw.chance(60))
      return `(${this.#number(depth)} ${draw.pick(['<', '>=', '==='])} ${this.#number(0)})`
    return `(${this.#boolean(depth - 1)} ${draw.pick(['&&', '||'])} !${this.#boolean(depth - 1)})`
  }

  #text(): string {
    const draw = this.#draw
    const found = this.#some(({ type }) => type.type === 'string')
    if (found && draw.chance(70))
      return draw.pick([
        `\`<\${${found.text}}>\``,
        `(${found.text} ?? '').toUpperCase()`,
        `String(${found.text}).trim()`,
      ])
    return draw.pick([`words[wholeOf(${this.#leaf()}) % 2 === 0 ? 0 : 2]`, `String(${this.#leaf()})`, "'constant'"])
  }

  #some(is: (found: Reachable) => boolean): Reachable | null {
    const found = this.#reachable.filter(is)
    return found.length === 0 ? null : this.#draw.pick(found)
  }
}

const zeros: Readonly<Record<string, string>> = {
  float64: '0',
  int32: '0',
  int64: '0',
  decimal: "'0'",
  boolean: 'false',
}
