/**
 * What workers share: which view is due when, who runs it, what was completed, what failed. For efficiency only: rows are
 * right whoever writes them. All instants are milliseconds of the store's clock, the only one that counts.
 *
 * What a call throws is MeridianError `store.unavailable`, `store.timeout`, `store.refused`, `store.closed`.
 */

/** A view's layout, as the shared state knows it: `<view>:<layout>`. */
export type Member = string

export interface Entry {
  readonly member: Member
  readonly dueAt: number
}

/** The last completed tick. */
export interface Done {
  /** Microseconds. */
  readonly tick: number
  readonly completedAt: number
  /** What the run did; null where its worker could not say, or it was none of a worker. */
  readonly run: {
    readonly seconds: number
    readonly rows: number
    readonly written: number
    readonly full: boolean
  } | null
  /** Who ran it, or found it completed. */
  readonly worker: string
}

/** What went wrong since. */
export interface Failure {
  /** Failures in a row; 0 where it was not the view's fault. */
  readonly attempt: number
  /** Microseconds: the tick that failed last. */
  readonly tick: number
  readonly error: string
  readonly failedAt: number
  readonly retryAt: number
  readonly worker: string
}

/** Work that is one worker's until its lock expires. */
export interface Claim {
  readonly member: Member
  /** `<worker>|<random>|<since>` */
  readonly token: string
  /** May lie ahead: who has time takes early what comes, so that nobody need race for it. */
  readonly dueAt: number
  readonly expiresAt: number
  /** Whoever held it before neither finished nor gave it back: its process died, or was paused for too long. */
  readonly abandoned: boolean
  readonly failure: Failure | null
}

export interface ClaimRequest {
  readonly worker: string
  /** Milliseconds that a lock holds from when the work is due, unless it is renewed. */
  readonly lease: number
  /** Milliseconds: how far ahead of its time work may be taken. */
  readonly ahead: number
  /** Milliseconds that this worker may sleep if there is nothing. */
  readonly pace: number
  /** Whether it is ready to look after the shared state, if nobody has for a while. */
  readonly ready: boolean
}

/** What a claim found. */
export interface Answer {
  readonly now: number
  readonly claim: Claim | null
  /** This worker's turn to look after the shared state; then with the incarnation of the store that was seen last. */
  readonly turn: { readonly incarnation: string | null } | null
  /** Where there is no claim. */
  readonly idle: Idle | null
}

export interface Idle {
  /** When something is due that nobody has taken, or a lock expires; null where nothing is entered. */
  readonly next: number | null
  /** How much of that comes within the worker's pace. */
  readonly upcoming: number
  /** When one of these is due, whichever, or half a millisecond after the lock of who has it expires; null where none comes. */
  readonly some: number | null
  /** Workers that have nothing to do, this one among them. */
  readonly workers: number
  /** Views that are entered: fewer than there are where the state was lost. */
  readonly entered: number
}

export interface State {
  readonly done: Done | null
  readonly failure: Failure | null
  readonly holder: { readonly worker: string; readonly since: number } | null
}

export interface Locks {
  /** Takes the lock of something that is due, chosen by `rankOf`; else of what is due next, if that is soon. */
  claim(request: ClaimRequest): Promise<Answer>
  /** Holds them for `lease` more milliseconds from now. Says which are lost. */
  renew(claims: readonly Claim[], lease: number): Promise<Claim[]>
  /** Records a completed tick, clears failures and gives the lock back; says whether it was still held, else does nothing. */
  finish(claim: Claim, done: Done, dueAt: number): Promise<boolean>
  /** Records a failure and gives the lock back, likewise. */
  fail(claim: Claim, failure: Failure): Promise<boolean>
  /** Records a failure and keeps the lock, likewise. */
  note(claim: Claim, failure: Failure): Promise<boolean>
  /** Gives the lock back, likewise. */
  release(claim: Claim, dueAt: number): Promise<boolean>
  /** Enters what is not entered yet; with `again`, also what is, so that it is looked at anew. */
  enter(entries: readonly Entry[], again: boolean): Promise<void>
  /** That what was entered was entered for this incarnation of the store. */
  remember(incarnation: string): Promise<void>
  /** Whether this caller is the first to take a turn of this name for so many milliseconds. */
  turn(name: string, milliseconds: number): Promise<boolean>
  /** Of views, in their order, with the clock: in one round trip. */
  states(members: readonly Member[]): Promise<{ readonly now: number; readonly states: readonly State[] }>
  close(): Promise<void>
}

/**
 * Which of so many that are due, the first being due for longest, is taken by chance (0 to 1). So that where there is more
 * than can be done nobody waits without end, and what stands first, and fails, does not stand in the way.
 */
export const rankOf = (chance: number, due: number): number => Math.floor(chance * chance * due)

export const memberOf = ({ view, layout }: { readonly view: string; readonly layout: string }): Member =>
  `${view}:${layout}`

/** Who holds a lock, by its token. */
export function holderOf(token: string): State['holder'] {
  const [worker = '', , since = ''] = token.split('|')
  return { worker, since: Number(since) }
}
