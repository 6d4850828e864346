import { readHeader, wins } from './row.ts'
import type { OnlineStore, StoredRow } from './store.ts'

/** An online store in this process. Its rows are gone when the process ends. */
export class MemoryStore implements OnlineStore {
  readonly #rows = new Map<string, Uint8Array>()
  readonly #ticks = new Map<string, bigint>()

  async read(keys: readonly string[]): Promise<readonly (Uint8Array | null)[]> {
    const rows = new Array<Uint8Array | null>(keys.length)
    for (let index = 0; index < keys.length; index += 1) rows[index] = this.#rows.get(keys[index] as string) ?? null
    return rows
  }

  async write(rows: readonly StoredRow[]): Promise<number> {
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
    const name = `${view}:${layout}`
    const before = this.#ticks.get(name)
    if (before === undefined || before < tick) this.#ticks.set(name, tick)
  }

  async completedTick(view: string, layout: string): Promise<bigint | null> {
    return this.#ticks.get(`${view}:${layout}`) ?? null
  }

  async close(): Promise<void> {
    this.#rows.clear()
    this.#ticks.clear()
  }
}
