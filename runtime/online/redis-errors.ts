/** What went wrong at a Redis server, and what may be done about it. */
import { MeridianError } from '../errors.ts'

export type Failure =
  /** The connection broke, or there is none: the command may have run or not. */
  | { readonly kind: 'broken' }
  | { readonly kind: 'timeout' }
  /** The slot is at another node, for good or for this command. */
  | { readonly kind: 'moved' | 'ask'; readonly address: string }
  /** Keys of the command are on both sides of a slot that moves: each must be asked for by itself. */
  | { readonly kind: 'split' }
  | { readonly kind: 'no-script' }
  /** The server answers, but cannot serve now. */
  | { readonly kind: 'busy' }
  /** The server says no. */
  | { readonly kind: 'refused'; readonly code: string }

/** Scripts wrap what a command inside them was answered: the code may stand anywhere. */
const inScript = /\b(OOM|READONLY|NOPERM|MISCONF|NOREPLICAS|WRONGTYPE)\b/

export function failureOf(error: unknown): Failure {
  const { name, message } = error instanceof Error ? error : new Error(String(error))
  if (name !== 'ReplyError') return { kind: message === 'Command timed out' ? 'timeout' : 'broken' }
  const [code = '', , address = ''] = message.split(' ')
  switch (code) {
    case 'MOVED':
      return { kind: 'moved', address }
    case 'ASK':
      return { kind: 'ask', address }
    case 'TRYAGAIN':
      return { kind: 'split' }
    case 'NOSCRIPT':
      return { kind: 'no-script' }
    case 'LOADING':
    case 'BUSY':
    case 'CLUSTERDOWN':
    case 'MASTERDOWN':
      return { kind: 'busy' }
    default:
      return { kind: 'refused', code: inScript.exec(message)?.[1] ?? code }
  }
}

export type Operation = 'read' | 'write'

/** The error of a call. The driver's own is not its cause: it holds the command, and so rows, or a password. */
export function storeError(error: unknown, server: string, operation: Operation): MeridianError {
  if (error instanceof MeridianError) return error
  const failure = failureOf(error)
  const said = error instanceof Error ? error.message : String(error)
  const details = { server, operation, said }
  switch (failure.kind) {
    case 'timeout':
      return timeoutError(server, operation)
    case 'refused':
      return new MeridianError('store.refused', `Redis at ${server} refused a ${operation}: ${said}`, {
        ...details,
        reason: failure.code,
      })
    case 'no-script':
    case 'split':
    case 'moved':
    case 'ask':
    case 'busy':
    case 'broken':
      return new MeridianError('store.unavailable', `Redis at ${server} is not available: ${said}`, details)
    default:
      return failure satisfies never
  }
}

export function timeoutError(server: string, operation: Operation): MeridianError {
  const after =
    operation === 'write' ? ' It may have been applied: write it again, which changes nothing if it was.' : ''
  const message = `Redis at ${server} did not answer a ${operation} in time.${after}`
  return new MeridianError('store.timeout', message, { server, operation })
}

export function closedError(): MeridianError {
  return new MeridianError('store.closed', 'the store is closed')
}
