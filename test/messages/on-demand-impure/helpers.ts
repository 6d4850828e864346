import { readFileSync } from 'node:fs'
import { performance } from 'node:perf_hooks'

/** Feature `table` reads a file through it. */
export const table = (): string => scale(readFileSync('table.json', 'utf8'))

const scale = (text: string): string => `${text}${process.env.SCALE}`

export class Stopwatch {
  elapsed(): number {
    return performance.now()
  }
}

/** Nothing uses it, so it may. */
export const unused = (): number => Date.now()

export const started = Date.now()
