/** Whose clock says what: the offset of a server from this machine, as well as a round trip can tell. */
import { type Finding, ok, warning } from './finding.ts'

export interface Reading {
  /** Milliseconds that the server is ahead of this machine. */
  readonly offset: number
  /** Half of the round trip: it may be so much more or less. */
  readonly error: number
}

/** The best of some: the quickest answer says most. `ask` resolves to milliseconds since the epoch. */
export async function readClock(ask: () => Promise<number>): Promise<Reading> {
  let best: Reading = { offset: 0, error: Number.POSITIVE_INFINITY }
  for (let attempt = 0; attempt < 5; attempt += 1) {
    const before = Date.now()
    const started = performance.now()
    const there = await ask()
    const error = (performance.now() - started) / 2
    if (error < best.error) best = { offset: there - (before + error), error }
  }
  return best
}

/**
 * Milliseconds. Ticks come by the clock of Redis, rows are stamped by those who write them, `ttl` is measured by who reads. What
 * they differ by is what training and serving disagree about at the edge of each tick, window and `ttl`; computing a tick and
 * bringing it online takes longer than a second anyway.
 */
const bearable = 1_000

/** `name`: of the server; `why`: what its clock decides. */
export function clockFinding(
  check: string,
  name: string,
  { offset, error }: Reading,
  than: string,
  why: string,
): Finding {
  const shown = `${(Math.abs(offset) / 1000).toFixed(3)} s ${offset < 0 ? 'behind' : 'ahead of'} ${than} (± ${(error / 1000).toFixed(3)} s)`
  if (Math.abs(offset) - error <= bearable) return ok(check, `${name} is ${shown}`)
  const fix = 'run NTP (chrony, systemd-timesyncd) on both machines, and look at which of the two is wrong'
  return warning(check, { what: `the clock of ${name} is ${shown}: ${why}`, fix })
}
