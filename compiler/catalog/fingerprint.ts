/** Fingerprints: SHA-256 over canonical JSON, so that equal content has an equal name on every machine. */
import { createHash } from 'node:crypto'

/** JSON with the keys of every object in code-unit order. */
export function canonicalJson(value: unknown, indent = 0): string {
  return JSON.stringify(value, (_key, inner: unknown) => (isRecord(inner) ? sorted(inner) : inner), indent)
}

export function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

/** Twelve hex digits: short enough to read in a key, long enough (48 bits) for the builds of a lifetime. */
export function fingerprint(value: unknown): string {
  return sha256(canonicalJson(value)).slice(0, 12)
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function sorted(record: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(record).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)))
}
