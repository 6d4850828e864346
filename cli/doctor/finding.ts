/** What a check of `meridian doctor` found, and work that always comes to an end. */
import { MeridianError } from '../../runtime/errors.ts'

/** `warning`: it works, and somebody should know. `problem`: something does not work, or will not. */
export type Severity = 'ok' | 'warning' | 'problem'

export interface Finding {
  /** What was looked at: 'source.columns', 'redis.eviction'. */
  readonly check: string
  readonly status: Severity
  readonly what: string
  /** A file, a table with its column, a server. */
  readonly place?: string
  /** What to do about it; none where there is nothing to do. */
  readonly fix?: string
}

export const ok = (check: string, what: string, place?: string): Finding => ({
  check,
  status: 'ok',
  what,
  ...(place === undefined ? {} : { place }),
})

interface Found {
  readonly what: string
  readonly place?: string
  readonly fix: string
}

export const warning = (check: string, found: Found): Finding => ({ check, status: 'warning', ...found })
export const problem = (check: string, found: Found): Finding => ({ check, status: 'problem', ...found })

/** A check: what is looked at, and who looks. */
export interface Check {
  readonly name: string
  /** Milliseconds that it may take. */
  readonly deadline: number
  /** Tells what it finds as it finds it, so that what was found before a server went away is not lost. */
  readonly run: (tell: (...findings: readonly Finding[]) => void) => Promise<void>
}

/** Runs a check. One that fails, or does not end, is a finding like others. */
export async function examine({ name, deadline, run }: Check): Promise<readonly Finding[]> {
  const findings: Finding[] = []
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<Finding>(resolve => {
    const what = `there was no answer within ${deadline / 1000} s`
    const fix = 'look whether the server is overloaded, paused, or behind a firewall that drops packets'
    timer = setTimeout(() => resolve(problem(name, { what, fix })), deadline)
  })
  const work = run((...found) => void findings.push(...found)).then(
    () => null,
    (error: unknown) => {
      if (error instanceof MeridianError) return problem(name, { what: error.message, fix: fixOf(error) })
      // Only what servers do is a finding: a fault of ours is to be reported as one.
      const { severity, code, message } = error as { severity?: unknown; code?: unknown; message: string }
      if (typeof severity !== 'string') throw error
      const fix = 'look into the log of the server, and whether this user may read its catalogues'
      return problem(name, { what: `${message} (${code})`, fix })
    },
  )
  try {
    const failure = await Promise.race([work, late])
    // What comes after the deadline is told to nobody.
    return failure ? [...findings, failure] : findings
  } finally {
    clearTimeout(timer)
  }
}

function fixOf({ code }: MeridianError): string {
  switch (code) {
    case 'database.unavailable':
      return 'start it, correct MERIDIAN_POSTGRES_URL, or let this machine and user in (pg_hba.conf, firewall)'
    case 'store.unavailable':
    case 'store.timeout':
      return 'start it, correct MERIDIAN_REDIS_URL, or let this machine in (bind, protected-mode, firewall)'
    case 'store.refused':
      return 'correct user and password in MERIDIAN_REDIS_URL, or give the user the right that the message names'
    case 'environment.unsupported':
      return 'set what the message names, or take a server of a version that is supported'
    default:
      return 'do what the message says'
  }
}
