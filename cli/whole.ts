import { CommandError, exitCodes } from './exit-codes.ts'

/** The whole number of an option, of at most six digits. */
export function whole(name: string, text: string, least: number): number {
  const value = /^\d{1,6}$/.test(text) ? Number(text) : Number.NaN
  if (value >= least) return value
  throw new CommandError(exitCodes.invocation, `${name} is "${text}": give a whole number, at least ${least}`)
}
