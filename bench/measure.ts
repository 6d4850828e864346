/** Variants of the same work in turn, each run in a process of its own, so that neither caches nor memory are shared. */
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

export interface Sample {
  readonly seconds: number
  /** Peak resident memory of the process. */
  readonly megabytes: number
  /** What the variant itself counted, such as rows. */
  readonly facts: Readonly<Record<string, number>>
}

export type Variant = () => Promise<Readonly<Record<string, number>>>

/** Times what the promise takes, in this process. */
async function measure(work: Variant): Promise<Sample> {
  const started = performance.now()
  const facts = await work()
  const seconds = Number(facts.seconds ?? (performance.now() - started) / 1000)
  const megabytes = Number(/VmHWM:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]) / 1024
  return { seconds, megabytes, facts }
}

/**
 * Runs the variants A B A B ... and returns the samples of each. A script that calls this is started again for each
 * run, with the variant's name.
 */
export async function inTurn(script: string, variants: Readonly<Record<string, Variant>>, runs = 5) {
  const chosen = process.argv[2]
  const own = chosen === undefined ? undefined : variants[chosen]
  if (own) {
    console.log(JSON.stringify(await measure(own)))
    process.exit(0)
  }
  const samples: Record<string, Sample[]> = Object.fromEntries(Object.keys(variants).map(name => [name, []]))
  for (let run = 0; run < runs; run += 1) {
    for (const name of Object.keys(variants)) {
      const node = ['--import', 'tsx', '--conditions', 'meridian-source', script, name]
      const { stdout, stderr, status } = spawnSync(process.execPath, node, { encoding: 'utf8', maxBuffer: 1e9 })
      if (status !== 0) throw new Error(`${name}: ${stderr}`)
      samples[name]?.push(JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as Sample)
    }
  }
  return samples
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN
}

/** One line a variant; ratios are medians of the pairs, each against the run of the other beside it. */
export function print(title: string, samples: Readonly<Record<string, readonly Sample[]>>, against?: string): void {
  console.log(`\n${title}`)
  const base = against === undefined ? undefined : samples[against]
  for (const [name, own] of Object.entries(samples)) {
    const ratio =
      base && name !== against
        ? median(own.map((sample, run) => sample.seconds / (base[run]?.seconds ?? Number.NaN)))
        : null
    console.log(
      [
        `  ${name.padEnd(34)}`,
        `${median(own.map(sample => sample.seconds)).toFixed(3)} s`.padStart(10),
        `${median(own.map(sample => sample.megabytes)).toFixed(0)} MB`.padStart(9),
        ratio === null ? '' : `   x ${ratio.toFixed(2)} of ${against}`,
      ].join(''),
    )
  }
}
