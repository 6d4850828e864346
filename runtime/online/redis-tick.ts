/** The record of a completed tick: a row like others, so that it is written by the same comparison, and never expires. */
import { Buffer } from 'node:buffer'
import type { CompletedTick } from './store.ts'

/** Keys of rows start with a brace: they do not meet. */
export const tickKey = (view: string, layout: string): string => `meridian:tick:${view}:${layout}`

/** A header, whose times but the tick are zero; the tick as int64; the time of the last full run as float64. */
export function tickRow({ tick, fullAt }: CompletedTick): Buffer {
  const row = Buffer.alloc(40)
  row.writeDoubleBE(Number(tick), 0)
  row.writeBigInt64BE(tick, 24)
  row.writeDoubleBE(fullAt, 32)
  return row
}

export function completedTickOf(row: Uint8Array): CompletedTick {
  const view = new DataView(row.buffer, row.byteOffset, row.byteLength)
  return { tick: view.getBigInt64(24), fullAt: view.getFloat64(32) }
}
