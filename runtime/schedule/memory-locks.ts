import {
  type Answer,
  type Claim,
  type ClaimRequest,
  type Done,
  type Entry,
  type Failure,
  holderOf,
  type Locks,
  type Member,
  rankOf,
  type State,
} from './locks.ts'

interface Held {
  readonly token: string
  readonly until: number
}

interface View {
  due: number
  /** Whether `due` is when the lock of who took it expires. */
  taken: boolean
  lock: Held | null
  done: Done | null
  failure: Failure | null
}

/** Milliseconds between two looks after the shared state. */
const lookEvery = 5_000

/** The shared state of the workers of one process; `now` is its clock, in milliseconds. */
export class MemoryLocks implements Locks {
  readonly #now: () => number
  readonly #chance: () => number
  readonly #views = new Map<Member, View>()
  readonly #idle = new Map<string, number>()
  readonly #turns = new Map<string, number>()
  #incarnation: string | null = null
  #claims = 0

  constructor(now: () => number, chance: () => number = Math.random) {
    this.#now = now
    this.#chance = chance
  }

  async claim({ worker, lease, ahead, pace, ready }: ClaimRequest): Promise<Answer> {
    const now = this.#now()
    const turn = ready && this.#takeTurn('look', lookEvery, now) ? { incarnation: this.#incarnation } : null
    const found = this.#pick(now, ahead)
    if (!found) return { now, claim: null, turn, idle: this.#sleep(worker, now, pace) }
    const [member, view] = found
    const abandoned = view.taken
    const { due, failure } = view
    this.#claims += 1
    const token = `${worker}|${this.#claims}|${now}`
    const until = Math.max(due, now) + lease
    view.lock = { token, until }
    view.due = until
    view.taken = true
    return { now, claim: { member, token, dueAt: due, expiresAt: until, abandoned, failure }, turn, idle: null }
  }

  async renew(claims: readonly Claim[], lease: number): Promise<Claim[]> {
    return claims.filter(claim => {
      const view = this.#held(claim)
      if (!view) return true
      const until = this.#now() + lease
      view.lock = { token: claim.token, until }
      view.due = until
      return false
    })
  }

  async finish(claim: Claim, done: Done, dueAt: number): Promise<boolean> {
    return this.#giveBack(claim, dueAt, view => {
      view.done = done
      view.failure = null
    })
  }

  async fail(claim: Claim, failure: Failure): Promise<boolean> {
    return this.#giveBack(claim, failure.retryAt, view => {
      view.failure = failure
    })
  }

  async note(claim: Claim, failure: Failure): Promise<boolean> {
    const view = this.#held(claim)
    if (view) view.failure = failure
    return view !== null
  }

  async release(claim: Claim, dueAt: number): Promise<boolean> {
    return this.#giveBack(claim, dueAt, () => {})
  }

  async enter(entries: readonly Entry[], again: boolean): Promise<void> {
    for (const { member, dueAt } of entries) {
      const view = this.#views.get(member)
      if (!view) this.#views.set(member, { due: dueAt, taken: false, lock: null, done: null, failure: null })
      else if (again && !this.#isLocked(view)) Object.assign(view, { due: dueAt, taken: false })
    }
  }

  async remember(incarnation: string): Promise<void> {
    this.#incarnation = incarnation
  }

  async turn(name: string, milliseconds: number): Promise<boolean> {
    return this.#takeTurn(name, milliseconds, this.#now())
  }

  async states(members: readonly Member[]): Promise<{ now: number; states: State[] }> {
    const states = members.map((member): State => {
      const view = this.#views.get(member)
      if (!view) return { done: null, failure: null, holder: null }
      const { done, failure, lock } = view
      return { done, failure, holder: lock && this.#isLocked(view) ? holderOf(lock.token) : null }
    })
    return { now: this.#now(), states }
  }

  /** Other workers of the process go on. */
  async close(): Promise<void> {}

  /** One of those that are due, by chance, rather one that has long been; else the one that is due next. */
  #pick(now: number, ahead: number): [Member, View] | null {
    const due: [Member, View][] = []
    let next: [Member, View] | null = null
    for (const entry of this.#views) {
      const [, view] = entry
      if (view.lock !== null && view.lock.until > now) continue
      if (view.due <= now) due.push(entry)
      else if (view.due <= now + ahead && (!next || view.due < next[1].due)) next = entry
    }
    if (due.length === 0) return next
    return due.sort(([, one], [, other]) => one.due - other.due)[rankOf(this.#chance(), due.length)] ?? null
  }

  #sleep(worker: string, now: number, pace: number) {
    this.#idle.set(worker, now + 2 * pace)
    let next: number | null = null
    let some: number | null = null
    let upcoming = 0
    for (const { due, taken } of this.#views.values()) {
      if (next === null || due < next) next = due
      if (due > now + pace) continue
      upcoming += 1
      if (this.#chance() * upcoming < 1) some = taken ? due + 0.5 : due
    }
    for (const [name, until] of this.#idle) if (until <= now) this.#idle.delete(name)
    return { next, upcoming, some, workers: this.#idle.size, entered: this.#views.size }
  }

  #giveBack(claim: Claim, dueAt: number, record: (view: View) => void): boolean {
    const view = this.#held(claim)
    if (!view) return false
    record(view)
    Object.assign(view, { lock: null, due: dueAt, taken: false })
    return true
  }

  #held({ member, token }: Claim): View | null {
    const view = this.#views.get(member)
    return view && view.lock?.token === token && this.#isLocked(view) ? view : null
  }

  #isLocked({ lock }: View): boolean {
    return lock !== null && lock.until > this.#now()
  }

  #takeTurn(name: string, milliseconds: number, now: number): boolean {
    if ((this.#turns.get(name) ?? Number.NEGATIVE_INFINITY) > now) return false
    this.#turns.set(name, now + milliseconds)
    return true
  }
}
