/** The text of Postgres' arrays: `{1,NULL,"a b"}`. */

/** Elements are converted; nulls stay, and arrays in arrays. */
export function parseArray(text: string, convert: (element: string) => unknown): unknown[] {
  const start = text.indexOf('{')
  // Most have nothing but bare elements, which take no second look.
  if (!/["\\{]/.test(text.slice(start + 1))) {
    const inner = text.slice(start + 1, -1)
    return inner === '' ? [] : inner.split(',').map(element => (element === 'NULL' ? null : convert(element)))
  }
  return new ArrayText(text, start, convert).list()
}

class ArrayText {
  readonly #text: string
  readonly #convert: (element: string) => unknown
  #at: number

  constructor(text: string, start: number, convert: (element: string) => unknown) {
    this.#text = text
    this.#at = start
    this.#convert = convert
  }

  /** From its opening brace to past its closing one. */
  list(): unknown[] {
    const list: unknown[] = []
    this.#at += 1
    while (this.#text[this.#at] !== '}') {
      list.push(this.#element())
      if (this.#text[this.#at] === ',') this.#at += 1
    }
    this.#at += 1
    return list
  }

  #element(): unknown {
    const first = this.#text[this.#at]
    if (first === '{') return this.list()
    if (first === '"') return this.#convert(this.#quoted())
    const start = this.#at
    while (!/[,}]/.test(this.#text[this.#at] ?? '}')) this.#at += 1
    const bare = this.#text.slice(start, this.#at)
    return bare === 'NULL' ? null : this.#convert(bare)
  }

  #quoted(): string {
    let value = ''
    for (this.#at += 1; this.#text[this.#at] !== '"'; this.#at += 1) {
      if (this.#text[this.#at] === '\\') this.#at += 1
      value += this.#text[this.#at]
    }
    this.#at += 1
    return value
  }
}
