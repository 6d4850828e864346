/** `getMany` of 100 and of 1,000 entities x 50 features against bare `MGET` of the same bytes. */
import { fileURLToPath } from 'node:url'
import { Redis } from 'ioredis'
import { inTurn, median, type Sample } from './measure.ts'
import { at, benchServer, entities, openStore, project, rowKeys, scattered } from './redis.ts'

const cases = (['numbers', 'texts'] as const).flatMap(mix =>
  [100, 1000].map(size => ({ mix, size, view: `${mix}_52` })),
)
const milliseconds = Number(process.env.MERIDIAN_BENCH_MS ?? 2000)
const runs = Number(process.env.MERIDIAN_BENCH_RUNS ?? 5)

const url = await benchServer()
const folder = await project('redis-many', [
  { mix: 'numbers', count: 52 },
  { mix: 'texts', count: 52 },
])

/** Entities a second, one call after the other. */
async function reads(read: (numbers: readonly number[]) => Promise<unknown>, size: number) {
  const batches = Array.from({ length: 20 }, (_, batch) =>
    scattered(size, entities).map(number => (number + 501 * batch) % entities),
  )
  const during = async (duration: number) => {
    const started = performance.now()
    let calls = 0
    for (; performance.now() < started + duration; calls += 1) await read(batches[calls % 20] as number[])
    return (calls * size * 1000) / (performance.now() - started)
  }
  await during(milliseconds / 2)
  return { perSecond: await during(milliseconds) }
}

async function meridian(view: string, size: number) {
  const handle = (await openStore(folder)).view(view)
  const keys = Array.from({ length: entities }, (_, number) => ({ user_id: BigInt(number) }))
  return reads(numbers => handle.getMany(numbers.map(number => keys[number] as { user_id: bigint })), size)
}

async function bare(view: string, size: number) {
  const keys = rowKeys(await openStore(folder), view)
  const redis = new Redis(url)
  return reads(numbers => redis.mgetBuffer(numbers.map(number => keys[number] as string)), size)
}

const title = ({ mix, size }: { mix: string; size: number }) => `${size} entities, mostly ${mix}`
const variants = Object.fromEntries(
  cases.flatMap(one => [
    [`${title(one)}: meridian`, () => meridian(one.view, one.size)] as const,
    [`${title(one)}: bare`, () => bare(one.view, one.size)] as const,
  ]),
)

if (process.argv[2] === undefined) {
  const store = await openStore(folder)
  await store.materialize(undefined, { at })
  await store.close()
}
const samples = await inTurn(fileURLToPath(import.meta.url), variants, runs)
for (const one of cases) {
  const of = (name: string) =>
    (samples[`${title(one)}: ${name}`] as readonly Sample[]).map(({ facts }) => Number(facts.perSecond))
  const [own, other] = [of('meridian'), of('bare')]
  const ratio = median(own.map((value, run) => value / (other[run] as number)))
  const shown = (values: readonly number[]) => Math.round(median(values)).toLocaleString('en-US')
  console.log(
    `${title(one).padEnd(34)} x 52 features: ${shown(own)} entities a second, bare MGET ${shown(other)}   x ${ratio.toFixed(2)}`,
  )
}
process.exit(0)
