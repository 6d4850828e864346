/** What goes wrong between here and Postgres, in words that say where and never with which password. */
import { MeridianError } from '../errors.ts'

/** Where a server is, as its errors name it. */
export interface Place {
  readonly host: string
  readonly port: number
  readonly database: string
}

export function placeText({ host, port, database }: Place): string {
  return `${host.startsWith('/') ? host : `${host}:${port}`}/${database}`
}

/** One line. Several addresses of a name fail in an error whose own message is empty. */
export function problemOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return problemOf(error.errors[0])
  const text = error instanceof Error ? error.message || codeOf(error) : String(error)
  return text.split('\n')[0] ?? ''
}

/** A SQLSTATE, or a code of the system. */
export function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : ''
}

export const timedOut = '57014'

/** Whether the connection is gone, so that nothing can be said of the statement itself. */
export function isConnectionLost(error: unknown): boolean {
  const code = codeOf(error)
  // Connection exceptions; a session ended for idling; shutdown, crash, starting up; and what the system says of a socket.
  if (
    /^(08...|25P03|57P0[1-5])$/.test(code) ||
    /^E(CONNRESET|CONNREFUSED|PIPE|TIMEDOUT|HOSTUNREACH|NETUNREACH)$/.test(code)
  )
    return true
  return (
    error instanceof Error &&
    /^(Connection terminated|Client has encountered a connection error|Client was closed)/.test(error.message)
  )
}

/** An error of work whose connection went away. */
export function connectionLost(place: Place, error: unknown): Error {
  return new Error(`the connection to Postgres at ${placeText(place)} was lost: ${problemOf(error)}`, { cause: error })
}

export function unavailable(place: Place, problem: string, cause: unknown): MeridianError {
  const { host, port, database } = place
  return new MeridianError(
    'database.unavailable',
    `Postgres at ${placeText(place)} cannot be reached: ${problem}. Check that it runs there and lets this user in`,
    { host, port, database, problem },
    cause,
  )
}
