import { MeridianError } from '../errors.ts'
import { readHeader, wins } from './row.ts'
import type { OnlineStore, StoredRow } from './store.ts'

/** An online store in this process. Its rows are gone when the process ends. */
export class MemoryStore implements OnlineStore {
  readonly #rows = new Map<string, Uint8Array>()
  readonly #ticks = new Map<string, bigint>()
  #closed = false

  async read(keys: readonly string[]): Promise<readonly (Uint8Array | null)[]> {
    this.#check()
    const rows = new Array<Uint8Array | null>(keys.length)
    for (let index = 0; index < keys.length; index += 1) rows[index] = this.#rows.get(keys[index] as string) ?? null
    return rows
  }

  async write(rows: readonly StoredRow[]): Promise<number> {
    this.#check()
    let written = 0
    for (const { key, row } of rows) {
      const stored = this.#rows.get(key)
      if (stored && !wins(readHeader(row), readHeader(stored))) continue
      this.#rows.set(key, row)
      written += 1
    }
    return written
  }

  async completeTick(view: string, layout: string, tick: bigint): Promise<void> {
    this.#check()
    const name = `${view}:${layout}`
    const before = this.#ticks.get(name)
    if (before === undefined || before < tick) this.#ticks.set(name, tick)
  }

  async completedTick(view: string, layout: string): Promise<bigint | null> {
    this.#check()
    return this.#ticks.get(`${view}:${layout}`) ?? null
  }

  async close(): Promise<void> {
    this.#closed = true
    this.#rows.clear()
    this.#ticks.clear()
  }

  /** A closed store has forgotten its rows: what it would say of them is not so. */
  #check(): void {
    if (this.#closed) throw new MeridianError('store.closed', 'the store is closed')
  }
}
