/**
 * What an online store must do. Rows are bytes to it, but for the header that a write is compared by. Once it is
 * closed, everything but `close` throws MeridianError `store.closed`.
 */

export interface StoredRow {
  readonly key: string
  readonly row: Uint8Array
}

export interface OnlineStore {
  /** The rows of the keys, in their order, in one round trip; null where there is none. */
  read(keys: readonly string[]): Promise<readonly (Uint8Array | null)[]>
  /**
   * Writes each row unless what is stored is newer, by tick, event and created timestamp. Says how many were written.
   * Writing the same rows again changes nothing.
   */
  write(rows: readonly StoredRow[]): Promise<number>
  /** Records that every row of a layout at this tick is written. An older tick than the recorded one is ignored. */
  completeTick(view: string, layout: string, tick: bigint): Promise<void>
  /** The newest tick whose rows are all written. */
  completedTick(view: string, layout: string): Promise<bigint | null>
  close(): Promise<void>
}
