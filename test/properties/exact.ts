/** Values as texts that are the same only for the same bits: -0 is not 0, NaN is NaN, and a Buffer is no Uint8Array. */
export function exact(value: unknown): string {
  if (typeof value === 'number') return Object.is(value, -0) ? '-0' : String(value)
  if (typeof value === 'bigint') return `${value}n`
  if (value instanceof Date) return `Date ${value.getTime()}`
  if (ArrayBuffer.isView(value))
    return `${value.constructor.name} ${Array.from(value as Float32Array, exact).join(' ')}`
  if (Array.isArray(value)) return `[${value.map(exact).join(', ')}]`
  if (typeof value === 'object' && value !== null)
    return `{${Object.entries(value)
      .map(([name, inner]) => `${JSON.stringify(name)}: ${exact(inner)}`)
      .join(', ')}}`
  return JSON.stringify(value) ?? String(value)
}
