/** The record of a completed tick: a row like others, so that it is written by the same comparison, and never expires. */
import { Buffer } from 'node:buffer'
import type { CompletedTick } from './store.ts'

/** Keys of rows start with a brace: they do not meet. */
export const tickKey = (view: string, layout: string): string => `meridian:tick:${view}:${layout}`

/**
 * A header, whose times but the tick are zero; the tick as int64; the time of the last full run as float64; the
 * incarnation as text, which rows of earlier versions do not have.
 */
export function tickRow({ tick, fullAt, incarnation }: CompletedTick): Buffer {
  const text = Buffer.from(incarnation)
  const row = Buffer.alloc(40 + text.length)
  row.writeDoubleBE(Number(tick), 0)
  row.writeBigInt64BE(tick, 24)
  row.writeDoubleBE(fullAt, 32)
  text.copy(row, 40)
  return row
}

export function completedTickOf(row: Uint8Array): CompletedTick {
  const view = new DataView(row.buffer, row.byteOffset, row.byteLength)
  const incarnation = Buffer.from(row.subarray(40)).toString()
  return { tick: view.getBigInt64(24), fullAt: view.getFloat64(32), incarnation }
}
