/**
 * Getters of one entity on Redis against bare `getBuffer` of the same bytes: reads a second with 50 in flight, the median time
 * of one of them, and of a read that is alone.
 */
import { fileURLToPath } from 'node:url'
import { Redis } from 'ioredis'
import { inTurn, median, type Sample } from './measure.ts'
import { at, benchServer, entities, type Mix, openStore, project, rowKeys, scattered } from './redis.ts'

const cases = (['numbers', 'texts'] as const).flatMap(mix =>
  [20, 200].map(count => ({ mix, count, view: `${mix}_${count}` })),
)
const inFlight = 50
const milliseconds = Number(process.env.MERIDIAN_BENCH_MS ?? 2000)
const runs = Number(process.env.MERIDIAN_BENCH_RUNS ?? 5)
/** Code for two hundred features is compiled for good after some ten thousand reads, however long they take. */
const readsBefore = 40_000

type Read = (number: number) => Promise<unknown>

/** Callers that each wait for their answer before they ask again. */
async function reads(read: Read, callers: number, duration: number) {
  const numbers = scattered(entities, entities)
  const times: number[] = []
  let next = 0
  const cpu = process.cpuUsage()
  const started = performance.now()
  const until = started + duration
  const caller = async () => {
    for (let now = performance.now(); now < until; ) {
      next = (next + 1) % entities
      await read(numbers[next] as number)
      const done = performance.now()
      times.push(done - now)
      now = done
    }
  }
  await Promise.all(Array.from({ length: callers }, caller))
  const { user, system } = process.cpuUsage(cpu)
  const perSecond = (times.length / (performance.now() - started)) * 1000
  return { perSecond, microseconds: median(times) * 1000, cpu: (user + system) / times.length }
}

async function measured(read: Read) {
  for (let done = 0; done < readsBefore; done += inFlight)
    await Promise.all(Array.from({ length: inFlight }, (_, index) => read((done + index) % entities)))
  const many = await reads(read, inFlight, milliseconds)
  await reads(read, 1, milliseconds / 4)
  const lone = await reads(read, 1, milliseconds / 2)
  return { perSecond: many.perSecond, cpu: many.cpu, together: many.microseconds, alone: lone.microseconds }
}

const url = await benchServer()
const folder = await project('redis-get', cases)

async function meridian(view: string) {
  const store = await openStore(folder)
  const handle = store.view(view)
  const keys = Array.from({ length: entities }, (_, number) => ({ user_id: BigInt(number) }))
  return measured(number => handle.get(keys[number] as { user_id: bigint }))
}

async function bare(view: string) {
  const keys = rowKeys(await openStore(folder), view)
  const redis = new Redis(url)
  return measured(number => redis.getBuffer(keys[number] as string))
}

const variants = Object.fromEntries(
  cases.flatMap(({ view }) => [
    [`${view}: meridian`, () => meridian(view)] as const,
    [`${view}: bare`, () => bare(view)] as const,
  ]),
)

if (process.argv[2] === undefined) {
  const store = await openStore(folder)
  await store.materialize(undefined, { at })
  await store.close()
}
const samples = await inTurn(fileURLToPath(import.meta.url), variants, runs)
const of = (name: string, fact: string) => (samples[name] as readonly Sample[]).map(({ facts }) => Number(facts[fact]))
const redis = new Redis(url)
const store = await openStore(folder)
for (const { view, mix, count } of cases as readonly { view: string; mix: Mix; count: number }[]) {
  const bytes = await redis.strlen(rowKeys(store, view)[7] as string)
  console.log(`\n${count} features, mostly ${mix}: ${bytes} bytes; ${inFlight} in flight`)
  for (const [fact, title] of [
    ['perSecond', 'reads a second'],
    ['cpu', 'its processor us a read'],
    ['together', 'median us'],
    ['alone', 'median us of a lone read'],
  ] as const) {
    const [own, other] = [of(`${view}: meridian`, fact), of(`${view}: bare`, fact)]
    const ratio = median(own.map((value, run) => value / (other[run] as number)))
    const digits = fact === 'perSecond' ? 0 : 1
    const shown = (values: readonly number[]) =>
      median(values).toLocaleString('en-US', { maximumFractionDigits: digits }).padStart(9)
    console.log(`  ${title.padEnd(26)} meridian ${shown(own)}, bare ${shown(other)}   x ${ratio.toFixed(2)}`)
  }
}
process.exit(0)
