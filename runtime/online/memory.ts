import { aborted } from '../abort.ts'
import { MeridianError } from '../errors.ts'
import { readHeader, wins } from './row.ts'
import type { CompletedTick, OnlineStore, StoredRow } from './store.ts'

interface Held {
  readonly row: Uint8Array
  /** By `performance.now()`, which no change of the clock moves. */
  readonly until: number
}

/** An online store in this process. Its rows are gone when the process ends. */
export class MemoryStore implements OnlineStore {
  readonly rowsTogether = 2000
  readonly #rows = new Map<string, Held>()
  readonly #ticks = new Map<string, CompletedTick>()
  #closed = false

  async read(keys: readonly string[]): Promise<readonly (Uint8Array | null)[]> {
    this.#check()
    const rows = new Array<Uint8Array | null>(keys.length)
    for (let index = 0; index < keys.length; index += 1) rows[index] = this.#held(keys[index] as string)
    return rows
  }

  async write(rows: readonly StoredRow[], signal?: AbortSignal): Promise<number> {
    this.#check()
    if (signal?.aborted) throw aborted(signal)
    let written = 0
    for (const { key, row, expiresIn } of rows) {
      const stored = this.#held(key)
      if (stored && !wins(readHeader(row), readHeader(stored))) continue
      this.#rows.set(key, { row, until: expiresIn === null ? Number.POSITIVE_INFINITY : performance.now() + expiresIn })
      written += 1
    }
    return written
  }

  async completeTick(view: string, layout: string, completed: CompletedTick): Promise<void> {
    this.#check()
    const name = `${view}:${layout}`
    const before = this.#ticks.get(name)
    if (before === undefined || before.tick <= completed.tick) this.#ticks.set(name, completed)
  }

  async completedTick(view: string, layout: string): Promise<CompletedTick | null> {
    this.#check()
    return this.#ticks.get(`${view}:${layout}`) ?? null
  }

  /** Rows and records are lost together. */
  async incarnation(): Promise<string> {
    this.#check()
    return 'memory'
  }

  async close(): Promise<void> {
    this.#closed = true
    this.#rows.clear()
    this.#ticks.clear()
  }

  #held(key: string): Uint8Array | null {
    const held = this.#rows.get(key)
    if (held === undefined) return null
    if (held.until > performance.now()) return held.row
    this.#rows.delete(key)
    return null
  }

  /** A closed store has forgotten its rows: what it would say of them is not so. */
  #check(): void {
    if (this.#closed) throw new MeridianError('store.closed', 'the store is closed')
  }
}
