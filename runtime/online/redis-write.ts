/** Writes: batches of compare-and-set, decided inside Redis. */
import { Buffer } from 'node:buffer'
import { timeoutError } from './redis-errors.ts'
import type { Argument, RedisNode } from './redis-node.ts'
import { Script } from './redis-script.ts'
import { run, type Servers, SplitSlot, withDeadline } from './redis-servers.ts'
import type { StoredRow } from './store.ts'

/**
 * KEYS: keys of rows. ARGV: for each its row, and the milliseconds that it lives, or nothing. Says how many it wrote.
 *
 * Headers are compared as numbers: Lua's `<` on strings follows the locale of the server. What is shorter than a header is
 * no row.
 */
const script = new Script(`
local written = 0
for index, key in ipairs(KEYS) do
  local row, life = ARGV[2 * index - 1], ARGV[2 * index]
  local stored = redis.call('GETRANGE', key, 0, 23)
  local wins = true
  if #stored == 24 then
    local tick, event, created = struct.unpack('>ddd', row)
    local storedTick, storedEvent, storedCreated = struct.unpack('>ddd', stored)
    if tick ~= storedTick then wins = tick > storedTick
    elseif event ~= storedEvent then wins = event > storedEvent
    else wins = created >= storedCreated end
  end
  if wins then
    if life == '' then redis.call('SET', key, row) else redis.call('SET', key, row, 'PX', life) end
    written = written + 1
  end
end
return written
`)

/** Rows of one script: longer ones keep Redis from answering reads. */
const rowsInBatch = 200
/** Rows on their way to one node: two batches, so that it need not wait for the next one. */
const rowsInFlight = 400

/** Room for so many rows at a node, given out in the order it was asked for. */
class Room {
  readonly #waiting: { readonly rows: number; readonly go: () => void }[] = []
  #taken = 0

  take(rows: number): Promise<void> | null {
    if (this.#waiting.length === 0 && this.#fits(rows)) {
      this.#taken += rows
      return null
    }
    return new Promise(go => void this.#waiting.push({ rows, go }))
  }

  give(rows: number): void {
    this.#taken -= rows
    for (let next = this.#waiting[0]; next && this.#fits(next.rows); next = this.#waiting[0]) {
      this.#waiting.shift()
      this.#taken += next.rows
      next.go()
    }
  }

  #fits(rows: number): boolean {
    return this.#taken === 0 || this.#taken + rows <= rowsInFlight
  }
}

interface Batch {
  readonly slot: number
  readonly rows: StoredRow[]
}

export class Writes {
  readonly #servers: Servers
  readonly #timeout: number
  readonly #rooms = new WeakMap<RedisNode, Room>()
  readonly #nowhere = new Room()

  /** `timeout`: milliseconds that a batch may take. */
  constructor(servers: Servers, timeout: number) {
    this.#servers = servers
    this.#timeout = timeout
  }

  /** Says how many rows were not older than what was stored. Stops at the first failure, which leaves other rows written. */
  async write(rows: readonly StoredRow[], check: () => void): Promise<number> {
    let written = 0
    const failures: unknown[] = []
    const sendAll = async (batches: readonly Batch[]) => {
      const sent: Promise<void>[] = []
      for (const batch of batches) {
        const room = this.#roomOf(batch.slot)
        const wait = room.take(batch.rows.length)
        if (wait) await wait
        if (failures.length > 0) {
          room.give(batch.rows.length)
          break
        }
        sent.push(
          this.#batch(batch, check)
            .then(
              count => {
                written += count
              },
              (error: unknown) => void failures.push(error),
            )
            .finally(() => room.give(batch.rows.length)),
        )
      }
      await Promise.all(sent)
    }
    await Promise.all(this.#byNode(batchesOf(rows, key => this.#servers.slotOf(key))).map(sendAll))
    if (failures.length > 0) throw failures[0]
    return written
  }

  /** Nodes are written to side by side, so that one does not wait for another. */
  #byNode(batches: readonly Batch[]): Batch[][] {
    const nodes = new Map<RedisNode | null, Batch[]>()
    for (const batch of batches) {
      const node = this.#servers.nodeOf(batch.slot)
      const some = nodes.get(node)
      if (some) some.push(batch)
      else nodes.set(node, [batch])
    }
    return [...nodes.values()]
  }

  #roomOf(slot: number): Room {
    const node = this.#servers.nodeOf(slot)
    if (!node) return this.#nowhere
    let room = this.#rooms.get(node)
    if (!room) {
      room = new Room()
      this.#rooms.set(node, room)
    }
    return room
  }

  async #batch({ slot, rows }: Batch, check: () => void): Promise<number> {
    check()
    try {
      return await this.#send(slot, rows)
    } catch (error) {
      if (!(error instanceof SplitSlot) || rows.length === 1) throw error
      let written = 0
      for (const row of rows) written += await this.#send(slot, [row])
      return written
    }
  }

  #send(slot: number, rows: readonly StoredRow[]): Promise<number> {
    const args: Argument[] = [`${rows.length}`]
    for (const { key } of rows) args.push(key)
    for (const { row, expiresIn } of rows) args.push(bufferOf(row), lifeOf(expiresIn))
    const evaluate = async (node: RedisNode, asking: boolean) => (await script.run(node, args, asking)) as number
    const work = run(this.#servers, slot, performance.now() + this.#timeout, 'write', evaluate)
    return withDeadline(work, this.#timeout, () =>
      timeoutError(this.#servers.nodeOf(slot)?.address ?? this.#servers.name, 'write'),
    )
  }
}

/** Rows of one slot together, at most so many; in the order they came, since one may come after itself. */
function batchesOf(rows: readonly StoredRow[], slotOf: (key: string) => number): Batch[] {
  const batches: Batch[] = []
  const open = new Map<number, Batch>()
  for (const row of rows) {
    const slot = slotOf(row.key)
    let batch = open.get(slot)
    if (!batch || batch.rows.length === rowsInBatch) {
      batch = { slot, rows: [] }
      open.set(slot, batch)
      batches.push(batch)
    }
    batch.rows.push(row)
  }
  return batches
}

function bufferOf(row: Uint8Array): Buffer {
  return Buffer.isBuffer(row) ? row : Buffer.from(row.buffer, row.byteOffset, row.byteLength)
}

/** Whole milliseconds, at least one, since Redis takes no less. */
function lifeOf(expiresIn: number | null): string {
  return expiresIn === null ? '' : String(Math.max(1, Math.ceil(expiresIn)))
}
