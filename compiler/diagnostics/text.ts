import { didYouMean } from './suggest.ts'

/** What a diagnostic says, before it has a place. */
export interface Text {
  readonly message: string
  readonly label?: string | null
  readonly notes?: readonly string[]
}

/** A name that is not among those there are. */
export function unknownName(message: string, name: string, what: string, available: readonly string[]): Text {
  return {
    message,
    label: didYouMean(name, available),
    notes: [available.length > 0 ? `${what}: ${available.join(', ')}` : `there are no ${what}`],
  }
}

export const durations = 'a duration is a number and a unit: us, ms, s, m, h, d or w, such as 90s or 1.5h'
