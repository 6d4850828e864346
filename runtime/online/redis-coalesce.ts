/** Reads: those made in the same turn of the event loop go out as one MGET, or one per slot. */
import { closedError, timeoutError } from './redis-errors.ts'
import type { RedisNode } from './redis-node.ts'
import { run, type Servers, SplitSlot } from './redis-servers.ts'

/** Keys of one command: larger ones keep a server from answering others. */
const keysInCommand = 1000
/**
 * Keys of one command of reads that met by chance. With more, the server is idle while this process decodes, and this one
 * while the server works: fifty callers of two hundred features got 1.4 times as much from commands of 25 as from one of 50.
 */
const keysTogether = 25
/** Keys on their way to one node. What is more waits, and grows together. */
const keysInFlight = 4000

type Row = Uint8Array | null

/** Keys of a call that has a command to itself, where one node has all keys: to mix it with others would cost more than a command. */
const keysOfItsOwn = 100

interface Call {
  readonly keys: readonly string[]
  rows: Row[]
  left: number
  readonly resolve: (rows: readonly Row[]) => void
  readonly reject: (error: unknown) => void
  answered: boolean
  wave: Wave | null
}

/** Calls of one turn: they have their deadline together. */
interface Wave {
  readonly calls: readonly Call[]
  readonly deadline: number
  left: number
}

/** One command: keys of one slot, and where their rows go. */
interface Group {
  readonly slot: number
  deadline: number
  readonly keys: string[]
  readonly calls: Call[]
  readonly places: number[]
}

const noRows: Row[] = []

/** What goes to one node. */
interface Lane {
  readonly waiting: Set<Group>
  /** Those of them that may grow, by slot. */
  readonly open: Map<number, Group>
  inFlight: number
}

export class Reads {
  readonly #servers: Servers
  readonly #timeout: number
  readonly #lanes = new WeakMap<RedisNode, Lane>()
  readonly #nowhere: Lane = { waiting: new Set(), open: new Map(), inFlight: 0 }
  readonly #waves = new Set<Wave>()
  #timer: NodeJS.Timeout | undefined
  /** When the timer is due. */
  #due = Number.POSITIVE_INFINITY
  #calls: Call[] = []
  #whenIdle: (() => void)[] = []

  /** `timeout`: milliseconds that a call may take, for each thousand of its keys. */
  constructor(servers: Servers, timeout: number) {
    this.#servers = servers
    this.#timeout = timeout
  }

  read(keys: readonly string[]): Promise<readonly Row[]> {
    if (keys.length === 0) return Promise.resolve([])
    return new Promise((resolve, reject) => {
      if (this.#calls.length === 0) {
        // What comes while others are under way can wait for the end of the turn; a lone read is not held up.
        if (this.#waves.size > 0) setImmediate(() => this.#flush())
        else process.nextTick(() => this.#flush())
      }
      this.#calls.push({ keys, rows: noRows, left: keys.length, resolve, reject, answered: false, wave: null })
    })
  }

  /** When every call is answered. */
  async idle(): Promise<void> {
    this.#flush()
    if (this.#waves.size > 0) await new Promise<void>(resolve => void this.#whenIdle.push(resolve))
  }

  /** Answers the calls that are left. */
  close(): void {
    this.#flush()
    for (const { calls } of this.#waves) for (const call of calls) this.#fail(call, closedError())
    clearTimeout(this.#timer)
  }

  #flush(): void {
    const calls = this.#calls
    if (calls.length === 0) return
    this.#calls = []
    const small = calls.filter(({ keys }) => keys.length <= keysInCommand)
    if (small.length > 0) this.#send(small, this.#timeout)
    if (small.length === calls.length) return
    for (const call of calls) {
      const thousands = Math.ceil(call.keys.length / keysInCommand)
      if (thousands > 1) this.#send([call], this.#timeout * thousands)
    }
  }

  #send(calls: readonly Call[], timeout: number): void {
    const deadline = performance.now() + timeout
    const wave = { calls, deadline, left: calls.length }
    this.#waves.add(wave)
    this.#watch(deadline, timeout)
    const lanes = new Set<Lane>()
    for (const call of calls) {
      call.wave = wave
      const whole = calls.length === 1 || call.keys.length >= keysOfItsOwn
      if (whole && this.#servers.slots === 1 && this.#whole(call, deadline)) continue
      call.rows = new Array<Row>(call.keys.length).fill(null)
      for (let place = 0; place < call.keys.length; place += 1) lanes.add(this.#enqueue(call, place, deadline))
    }
    for (const lane of lanes) this.#pump(lane)
  }

  /** A command for one call, if there is room for it now: its keys go out and its rows come back as they are. */
  #whole(call: Call, deadline: number): boolean {
    const lane = this.#laneOf(this.#servers.nodeOf(0))
    if (call.keys.length > keysInCommand || lane.waiting.size > 0 || !hasRoom(lane, call.keys.length)) return false
    void this.#commandOf(call, lane, deadline)
    return true
  }

  async #commandOf(call: Call, lane: Lane, deadline: number): Promise<void> {
    const { keys } = call
    lane.inFlight += keys.length
    try {
      call.rows = (await this.#mget(0, keys, deadline)) as Row[]
      this.#answer(call)
    } catch (error) {
      this.#fail(call, error)
    }
    lane.inFlight -= keys.length
    this.#pump(lane)
  }

  #mget(slot: number, keys: readonly string[], deadline: number): Promise<unknown> {
    return run(this.#servers, slot, deadline, 'read', (node, asking) => node.command('mget', keys, asking))
  }

  #enqueue(call: Call, place: number, deadline: number): Lane {
    const key = call.keys[place] as string
    const slot = this.#servers.slotOf(key)
    const lane = this.#laneOf(this.#servers.nodeOf(slot))
    let group = lane.open.get(slot)
    const most = call.keys.length >= keysOfItsOwn ? keysInCommand : keysTogether
    if (!group || group.keys.length >= most) {
      group = { slot, deadline, keys: [], calls: [], places: [] }
      lane.open.set(slot, group)
      lane.waiting.add(group)
    }
    group.deadline = Math.max(group.deadline, deadline)
    group.keys.push(key)
    group.calls.push(call)
    group.places.push(place)
    return lane
  }

  #laneOf(node: RedisNode | null): Lane {
    if (!node) return this.#nowhere
    let lane = this.#lanes.get(node)
    if (!lane) {
      lane = { waiting: new Set(), open: new Map(), inFlight: 0 }
      this.#lanes.set(node, lane)
    }
    return lane
  }

  #pump(lane: Lane): void {
    for (const group of lane.waiting) {
      if (!hasRoom(lane, group.keys.length)) return
      lane.waiting.delete(group)
      if (lane.open.get(group.slot) === group) lane.open.delete(group.slot)
      if (group.calls.some(({ answered }) => !answered)) void this.#command(lane, group)
    }
  }

  async #command(lane: Lane, group: Group): Promise<void> {
    const { slot, deadline, keys, calls, places } = group
    lane.inFlight += keys.length
    try {
      const rows = (await this.#mget(slot, keys, deadline)) as Row[]
      for (let index = 0; index < keys.length; index += 1) {
        const call = calls[index] as Call
        call.rows[places[index] as number] = rows[index] as Row
        call.left -= 1
        if (call.left === 0) this.#answer(call)
      }
    } catch (error) {
      if (error instanceof SplitSlot && keys.length > 1) {
        for (let index = 0; index < keys.length; index += 1)
          lane.waiting.add({
            slot,
            deadline,
            keys: [keys[index] as string],
            calls: [calls[index] as Call],
            places: [places[index] as number],
          })
      } else for (const call of calls) this.#fail(call, error)
    }
    lane.inFlight -= keys.length
    this.#pump(lane)
  }

  #answer(call: Call): void {
    if (call.answered) return
    call.resolve(call.rows)
    this.#done(call)
  }

  #fail(call: Call, error: unknown): void {
    if (call.answered) return
    call.reject(error)
    this.#done(call)
  }

  #done(call: Call): void {
    call.answered = true
    const wave = call.wave as Wave
    wave.left -= 1
    if (wave.left > 0) return
    this.#waves.delete(wave)
    if (this.#waves.size > 0) return
    for (const idle of this.#whenIdle.splice(0)) idle()
  }

  /** One timer for all waves, which is left to run out: to make and clear one for each took a tenth of a read's time. */
  #watch(deadline: number, timeout: number): void {
    if (deadline >= this.#due) return
    clearTimeout(this.#timer)
    this.#due = deadline
    this.#timer = setTimeout(() => this.#look(), timeout)
  }

  #look(): void {
    this.#due = Number.POSITIVE_INFINITY
    const now = performance.now()
    let next = Number.POSITIVE_INFINITY
    for (const { calls, deadline } of this.#waves) {
      // The answer may have arrived while this process was busy: the turn in between finds it.
      if (deadline <= now) setImmediate(() => this.#expire(calls))
      else next = Math.min(next, deadline)
    }
    if (next < Number.POSITIVE_INFINITY) this.#watch(next, Math.ceil(next - now))
  }

  #expire(calls: readonly Call[]): void {
    for (const call of calls) {
      if (call.answered) continue
      const nodes = new Set(call.keys.map(key => this.#servers.nodeOf(this.#servers.slotOf(key))?.address))
      this.#fail(call, timeoutError([...nodes].join(', '), 'read'))
    }
  }
}

function hasRoom({ inFlight }: Lane, keys: number): boolean {
  return inFlight === 0 || inFlight + keys <= keysInFlight
}
