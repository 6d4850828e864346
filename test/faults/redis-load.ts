/** Reads and writes that go on while a server fails, and what was seen of it. */
import { Buffer } from 'node:buffer'
import { setTimeout as sleep } from 'node:timers/promises'
import * as assert from 'uvu/assert'
import { type ErrorCode, MeridianError } from '../../runtime/errors.ts'
import type { OnlineStore } from '../../runtime/online/store.ts'

/** A row that holds its tick. */
export function rowAt(tick: number): Buffer {
  const row = Buffer.alloc(64)
  row.writeDoubleBE(tick, 0)
  return row
}

export const tickOf = (row: Uint8Array): number => Buffer.from(row).readDoubleBE(0)

export interface Attempt {
  readonly milliseconds: number
  /** Null when it succeeded. */
  readonly code: ErrorCode | null
}

/** How a call ends. What it throws must be typed. */
export async function attempt(call: () => Promise<unknown>): Promise<Attempt> {
  const started = performance.now()
  let code: ErrorCode | null = null
  try {
    await call()
  } catch (error) {
    assert.ok(error instanceof MeridianError, `not typed: ${error}`)
    code = error.code
  }
  return { milliseconds: performance.now() - started, code }
}

/** Milliseconds until a call succeeds. */
export async function untilSuccess(call: () => Promise<unknown>): Promise<number> {
  const started = performance.now()
  for (;;) {
    const { code } = await attempt(call)
    if (code === null) return performance.now() - started
    assert.ok(performance.now() - started < 10_000, `still ${code} after ten seconds`)
    await sleep(5)
  }
}

export class Load {
  readonly reads: Attempt[] = []
  readonly writes: Attempt[] = []
  /** The newest tick of each key that the store said it has. */
  readonly acknowledged = new Map<string, number>()
  readonly #seen = new Map<string, number>()
  readonly #store: OnlineStore
  readonly #loops: Promise<void>[]
  #stopped = false
  #problem: unknown = null

  constructor(store: OnlineStore, keys: readonly string[]) {
    this.#store = store
    const loops = [this.#read(keys), this.#read(keys), ...keys.map(key => this.#write(key))]
    this.#loops = loops.map(loop =>
      loop.catch((problem: unknown) => {
        this.#problem ??= problem
        this.#stopped = true
      }),
    )
  }

  /** @throws what a loop found wrong. */
  async stop(): Promise<void> {
    this.#stopped = true
    await Promise.all(this.#loops)
    if (this.#problem !== null) throw this.#problem
  }

  get failures(): readonly (ErrorCode | null)[] {
    return [...this.reads, ...this.writes].map(({ code }) => code).filter(code => code !== null)
  }

  /**
   * A replica takes the place of a master that is gone: it may lack what that one acknowledged last. From here on, what it
   * has counts: `kept` is the tick of each of its keys. To be called while nobody answers.
   */
  lose(kept: ReadonlyMap<string, number>): void {
    for (const [key, tick] of kept) {
      this.acknowledged.delete(key)
      this.#seen.set(key, tick)
    }
  }

  /** Every acknowledged write, or a newer one, is there. */
  async check(): Promise<void> {
    const keys = [...this.acknowledged.keys()]
    const rows = await this.#store.read(keys)
    for (const [index, key] of keys.entries()) this.#see(key, rows[index] ?? null, this.#least(key))
  }

  async #read(keys: readonly string[]): Promise<void> {
    while (!this.#stopped) {
      const least = new Map(keys.map(key => [key, this.#least(key)]))
      this.reads.push(
        await attempt(async () => {
          const rows = await this.#store.read(keys)
          for (const [index, key] of keys.entries()) this.#see(key, rows[index] ?? null, least.get(key) ?? 0)
        }),
      )
      await sleep(1)
    }
  }

  /** Ticks go up, and each is written after its predecessor's answer, or the lack of one. */
  async #write(key: string): Promise<void> {
    for (let tick = 1; !this.#stopped; tick += 1) {
      this.writes.push(
        await attempt(async () => {
          await this.#store.write([{ key, row: rowAt(tick), expiresIn: null }])
          this.acknowledged.set(key, tick)
        }),
      )
      await sleep(1)
    }
  }

  /** What was acknowledged or read of a key so far: nothing older may come back. */
  #least(key: string): number {
    return Math.max(this.acknowledged.get(key) ?? 0, this.#seen.get(key) ?? 0)
  }

  /** `least`: as it was when the read began. */
  #see(key: string, row: Uint8Array | null, least: number): void {
    const tick = row === null ? 0 : tickOf(row)
    assert.ok(tick >= least, `${key} is at ${tick}, and was at ${least}`)
    this.#seen.set(key, Math.max(tick, this.#seen.get(key) ?? 0))
  }
}
