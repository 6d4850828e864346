/** What a getter returns of a view: its codec applies ttl against the read's instant, then defaults. */
import type { Buffer } from 'node:buffer'
import type { MeridianError } from '../errors.ts'
import type { RowCodec, StoredValue } from './row.ts'

/** `failed`: the function of an on-demand feature threw, or returned what is not of its type. */
export type Status = 'present' | 'null' | 'missing' | 'expired' | 'failed'

/** From the store, computed for this read, or the default that took the place of what was found. */
export type Origin = 'stored' | 'computed' | 'default'

/** A feature's value and why it is what it is. */
export interface Detail {
  readonly value: unknown
  /** What was found, before a default took its place. */
  readonly status: Status
  readonly source: Origin
  /** The tick the value was stored at; null where it was computed now, or there is no row. */
  readonly tick: Date | null
  /** When the row behind a `last`, `first` or query column happened; null for all others. */
  readonly eventTimestamp: Date | null
  /** Why it failed. */
  readonly error?: MeridianError
}

export type Features = Record<string, unknown>

/** Makes answers of what was found: a stored row, or the values of a lookup. `at` is the read's instant. */
export interface Reader<Found> {
  /** Sets the features in an object, which those of other views may be in. */
  readInto(into: Features, found: Found, at: bigint): void
  detailsInto(into: Record<string, Detail>, found: Found, at: bigint): void
}

/** What the module of a materialized view makes. A row that is null is none: its key has no visible row. */
export interface StoredCodec extends RowCodec, Reader<Buffer | null> {
  /** The features, as an object of their own. */
  read(row: Buffer | null, at: bigint): Features
}

/** What the module of any other view makes; values are in the order of the layout. */
export type ValuesCodec = Reader<readonly StoredValue[]>
