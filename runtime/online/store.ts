/**
 * What an online store must do. Rows are bytes to it, but for the header that a write is compared by. Once it is
 * closed, everything but `close` throws MeridianError `store.closed`.
 */

export interface StoredRow {
  readonly key: string
  readonly row: Uint8Array
  /** Milliseconds from the write after which the row may be gone; null: it stays. */
  readonly expiresIn: number | null
}

/** A tick of a layout whose rows are all written. */
export interface CompletedTick {
  /** Microseconds. */
  readonly tick: bigint
  /** When a run over all keys, not only those that changed, last completed: milliseconds by the clock of who ran it. */
  readonly fullAt: number
  /** What `incarnation` said when the run began. */
  readonly incarnation: string
}

export interface OnlineStore {
  /** Rows that whoever writes many should hand over together: enough to be written well, and no more than that. */
  readonly rowsTogether: number
  /** The rows of the keys, in their order, in one round trip; null where there is none. */
  read(keys: readonly string[]): Promise<readonly (Uint8Array | null)[]>
  /**
   * Writes each row unless what is stored is newer, by tick, event and created timestamp. Says how many were written.
   * Writing the same rows again changes nothing. What is not on its way when the signal aborts is not written.
   */
  write(rows: readonly StoredRow[], signal?: AbortSignal): Promise<number>
  /** Records that every row of a layout at this tick is written. An older tick than the recorded one is ignored. */
  completeTick(view: string, layout: string, completed: CompletedTick): Promise<void>
  /** The newest tick whose rows are all written. */
  completedTick(view: string, layout: string): Promise<CompletedTick | null>
  /**
   * Changes whenever rows may have been lost other than by their expiry, though a completed tick is still recorded: when
   * any server was started anew or emptied, or another one took its place.
   */
  incarnation(): Promise<string>
  close(): Promise<void>
}
