/** Fingerprints: SHA-256 over canonical JSON, so that equal content has an equal name on every machine. */
import { createHash } from 'node:crypto'

/** JSON with the keys of every object in code-unit order. */
export function canonicalJson(value: unknown, indent = 0): string {
  // Sorted before, since a replacer of JSON.stringify costs twice the time.
  return JSON.stringify(sorted(value), null, indent)
}

export function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

/** Twelve hex digits: short enough to read in a key, long enough (48 bits) for the builds of a lifetime. */
export function fingerprint(value: unknown): string {
  return sha256(canonicalJson(value)).slice(0, 12)
}

function sorted(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map(sorted)
  const record = value as Readonly<Record<string, unknown>>
  const result: Record<string, unknown> = {}
  for (const name of Object.keys(record).sort()) result[name] = sorted(record[name])
  return result
}
