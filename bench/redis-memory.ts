/** Memory of an entity in Redis, as MEMORY USAGE says: a packed row, against a hash with a JSON field for each feature. */
import { Redis } from 'ioredis'
import { median } from './measure.ts'
import { at, benchServer, openStore, project, rowKeys } from './redis.ts'

const url = await benchServer()
const cases = (['numbers', 'texts'] as const).flatMap(mix =>
  [20, 52].map(count => ({ mix, count, view: `${mix}_${count}` })),
)
const store = await openStore(await project('redis-memory', cases))
await store.materialize(undefined, { at })
const redis = new Redis(url)
const sample = 500

/** As feature stores write them: names of features as they are declared, values as JSON, and the instants. */
function fieldsOf(features: Readonly<Record<string, unknown>>): Record<string, string> {
  const json = (value: unknown) => JSON.stringify(typeof value === 'bigint' ? Number(value) : value)
  const fields = Object.entries(features).map(([name, value]) => [name, json(value)] as const)
  return { ...Object.fromEntries(fields), event_timestamp: json(at), created_timestamp: json(at) }
}

for (const { mix, count, view } of cases) {
  const keys = rowKeys(store, view).slice(0, sample)
  const all = await store.view(view).getMany(keys.map((_, number) => ({ user_id: BigInt(number) })))
  const packed: number[] = []
  const hashed: number[] = []
  for (const [number, key] of keys.entries()) {
    await redis.hset(`hash:${key}`, fieldsOf(all[number] as Record<string, unknown>))
    packed.push((await redis.memory('USAGE', key, 'SAMPLES', 0)) as number)
    hashed.push((await redis.memory('USAGE', `hash:${key}`, 'SAMPLES', 0)) as number)
  }
  const ratio = median(packed.map((bytes, number) => bytes / (hashed[number] as number)))
  console.log(
    `${count} features, mostly ${mix}: packed ${median(packed)} bytes, hash of JSON ${median(hashed)} bytes   x ${ratio.toFixed(2)}`,
  )
}
process.exit(0)
