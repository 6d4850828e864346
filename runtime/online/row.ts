/** Stored rows as the runtime sees them: a header, which writes are compared by, and a codec for each layout. */
import type { Buffer } from 'node:buffer'

/** Microseconds; what a write is compared by. A created timestamp of a source without one is the event timestamp. */
export interface RowHeader {
  readonly tick: number
  readonly eventTimestamp: number
  readonly createdTimestamp: number
}

/** A value as it is stored: timestamps are microseconds as bigint, everything else is what getters return. */
export type StoredValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | Float32Array
  | readonly unknown[]
  | object

export interface RowCodec {
  /** @throws MeridianError `value.out-of-range` for what the row would not hold exactly, by the name of its field */
  encode(header: RowHeader, values: readonly StoredValue[]): Buffer
  /** The values in the layout's order. */
  decode(row: Buffer): StoredValue[]
}

export function readHeader(row: Uint8Array): RowHeader {
  const view = new DataView(row.buffer, row.byteOffset, row.byteLength)
  return { tick: view.getFloat64(0), eventTimestamp: view.getFloat64(8), createdTimestamp: view.getFloat64(16) }
}

/** Whether a row may take the place of another: not older, by tick, then event, then created timestamp. */
export function wins(candidate: RowHeader, stored: RowHeader): boolean {
  if (candidate.tick !== stored.tick) return candidate.tick > stored.tick
  if (candidate.eventTimestamp !== stored.eventTimestamp) return candidate.eventTimestamp > stored.eventTimestamp
  return candidate.createdTimestamp >= stored.createdTimestamp
}
