/**
 * A million keys x 20 features from DuckDB into Redis: by `materialize`, by hand from the same SQL, by hand of rows that are
 * packed already, and what `redis-cli --pipe` does with SETs of the same bytes, which compares nothing.
 */
import { spawnSync } from 'node:child_process'
import { closeSync, existsSync, mkdirSync, openSync, rmSync, writeSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { DuckDBTimestampValue } from '@duckdb/node-api'
import { Redis } from 'ioredis'
import { MemoryStore } from '../runtime/online/memory.ts'
import type { StoredRow } from '../runtime/online/store.ts'
import { Store } from '../runtime/store.ts'
import { redisBinary } from '../test/servers/binaries.ts'
import { duckdb, statement } from './flights.ts'
import { inTurn, median, print, type Sample } from './measure.ts'
import { builtOnce } from './project.ts'
import { at, benchServer, localEnvironment, openStore } from './redis.ts'

const count = Number(process.env.MERIDIAN_BENCH_KEYS ?? 1_000_000)
const runs = Number(process.env.MERIDIAN_BENCH_RUNS ?? 3)
const url = await benchServer()
const instant = new DuckDBTimestampValue(BigInt(at.getTime()) * 1000n)
const pipeFile = 'data/bench/redis-materialize/sets.resp'

const windows = ['1h', '6h', '1d', '7d', '30d']
const definitions = (keys: number) => `import { entity, featureView, source, t } from 'meridian'
export const user = entity('user', { joinKeys: { user_id: t.int64() } })
export const payments = source('payments', {
  columns: { user_id: t.int64(), amount: t.float64(), paid_at: t.timestamp(), payment_id: t.int64() },
  eventTimestamp: 'paid_at', tieBreak: ['payment_id'], duckdb: { parquet: 'payments-${keys}.parquet' },
})
export const spending = featureView('spending', { entity: user, source: payments, refresh: '1h', materialize: true,
  features: ({ avg, count, max, sum }) => ({ ${windows
    .map(
      over =>
        `payments_${over}: count().over('${over}'), spent_${over}: sum('amount').over('${over}'), mean_${over}: avg('amount').over('${over}'), largest_${over}: max('amount').over('${over}')`,
    )
    .join(', ')} }) })
`

/** Three payments of each key in a month. */
async function project(keys: number): Promise<string> {
  const name = `redis-materialize/${keys}`
  const folder = `data/bench/${name}`
  mkdirSync(folder, { recursive: true })
  const file = `${folder}/payments-${keys}.parquet`
  if (!existsSync(file)) {
    const connection = await duckdb()
    await connection.run(`
      COPY (
        SELECT n % ${keys} AS user_id, (hash(n) % 100000) / 100.0 AS amount,
          TIMESTAMP '2001-05-16 12:00:00' + to_seconds(hash(n, 2) % 2592000) AS paid_at, n AS payment_id
        FROM range(${3 * keys}) AS numbers(n)
      ) TO '${file}' (FORMAT parquet)`)
  }
  return builtOnce(name, definitions(keys))
}

async function meridian(keys: number) {
  const store = await openStore(await project(keys))
  const started = performance.now()
  const [done] = await store.materialize(undefined, { at, full: true })
  const seconds = (performance.now() - started) / 1000
  await store.close()
  return { rows: done?.written ?? 0, seconds }
}

const compareAndSet = `
for index, key in ipairs(KEYS) do
  local row = ARGV[index]
  local stored = redis.call('GETRANGE', key, 0, 23)
  local wins = true
  if #stored == 24 then
    local tick, event, created = struct.unpack('>ddd', row)
    local storedTick, storedEvent, storedCreated = struct.unpack('>ddd', stored)
    if tick ~= storedTick then wins = tick > storedTick
    elseif event ~= storedEvent then wins = event > storedEvent
    else wins = created >= storedCreated end
  end
  if wins then redis.call('SET', key, row, 'PX', 2592000000) end
end`

type Rows = Iterable<readonly [string, Buffer]>

/** Batches of 200 with two on their way. */
async function pipeline(chunks: AsyncIterable<Rows> | Iterable<Rows>): Promise<number> {
  const redis = new Redis(url)
  const script = (await redis.script('LOAD', compareAndSet)) as string
  let [keys, values]: [string[], Buffer[]] = [[], []]
  let before: Promise<unknown> = Promise.resolve()
  let written = 0
  const send = async () => {
    const sent = redis.evalsha(script, keys.length, ...keys, ...values)
    await before
    before = sent
    written += keys.length
    keys = []
    values = []
  }
  for await (const rows of chunks) {
    for (const [key, row] of rows) {
      values.push(row)
      if (keys.push(key) === 200) await send()
    }
  }
  if (keys.length > 0) await send()
  await before
  redis.disconnect()
  return written
}

/** What one would write for this view and no other: columns are read as DuckDB has them, and packed by a loop. */
async function byHand(keys: number) {
  const folder = await project(keys)
  const store = await openStore(folder)
  const layout = store.manifest.views.spending?.layout
  await store.close()
  const connection = await duckdb()
  await connection.run(`SET VARIABLE project = 'data/bench/redis-materialize/${keys}'`)
  await connection.run(statement('duckdb/sources/payments.sql', folder))
  const started = performance.now()
  const result = await connection.stream(statement('duckdb/spending/materialize.sql', folder), { as_of: instant })
  const names = result.columnNames()
  const places = (layout?.fields ?? []).map(({ name }) => names.indexOf(name))
  const [user, event] = [names.indexOf('user_id'), names.indexOf('__event_timestamp')]
  const tick = at.getTime() * 1000
  const nulls = Math.ceil(places.length / 8)
  async function* chunks(): AsyncGenerator<Rows> {
    for (let chunk = await result.fetchChunk(); chunk && chunk.rowCount > 0; chunk = await result.fetchChunk()) {
      const columns = chunk.getColumns()
      const rows: [string, Buffer][] = []
      for (let index = 0; index < chunk.rowCount; index += 1) {
        const row = Buffer.allocUnsafe(24 + nulls + 8 * places.length)
        const view = new DataView(row.buffer, row.byteOffset, row.byteLength)
        const happened = Number((columns[event] as DuckDBTimestampValue[])[index]?.micros)
        view.setFloat64(0, tick)
        view.setFloat64(8, happened)
        view.setFloat64(16, happened)
        row.fill(0, 24, 24 + nulls)
        for (let field = 0; field < places.length; field += 1) {
          const value = columns[places[field] as number]?.[index] as number | bigint | null
          if (value === null) row[24 + (field >> 3)] = (row[24 + (field >> 3)] as number) | (1 << (field & 7))
          view.setFloat64(24 + nulls + 8 * field, Number(value))
        }
        rows.push([`{user:${columns[user]?.[index]}}:spending:${layout?.fingerprint}`, row])
      }
      yield rows
    }
  }
  const written = await pipeline(chunks())
  return { rows: written, seconds: (performance.now() - started) / 1000 }
}

/** The rows as Meridian packs them, made by a run into memory. */
async function packedRows(keys: number): Promise<StoredRow[]> {
  const packed: StoredRow[] = []
  class Collected extends MemoryStore {
    override async write(rows: readonly StoredRow[]): Promise<number> {
      for (const row of rows) packed.push(row)
      return rows.length
    }
  }
  const store = new Store({ ...(await localEnvironment(await project(keys))), online: new Collected() })
  await store.materialize(undefined, { at })
  await store.close()
  return packed
}

async function packedByHand(keys: number) {
  const packed = (await packedRows(keys)).map(({ key, row }) => [key, row as Buffer] as const)
  const started = performance.now()
  const written = await pipeline([packed])
  return { rows: written, seconds: (performance.now() - started) / 1000 }
}

/** Writes the SETs once, as the protocol wants them. */
async function writeSets(keys: number): Promise<void> {
  const file = openSync(pipeFile, 'w')
  for (const { key, row } of await packedRows(keys)) {
    const head = `*5\r\n$3\r\nSET\r\n$${key.length}\r\n${key}\r\n$${row.length}\r\n`
    writeSync(file, Buffer.concat([Buffer.from(head), row, Buffer.from('\r\n$2\r\nPX\r\n$10\r\n2592000000\r\n')]))
  }
  closeSync(file)
}

async function pipe() {
  const { port } = new URL(url)
  const sets = openSync(pipeFile, 'r')
  const started = performance.now()
  const { status, stderr } = spawnSync(redisBinary('redis-cli'), ['-p', port, '--pipe'], {
    stdio: [sets, 'pipe', 'pipe'],
    encoding: 'utf8',
  })
  if (status !== 0) throw new Error(stderr)
  return { rows: count, seconds: (performance.now() - started) / 1000 }
}

/** Every run begins with an empty server. */
const emptied = (work: () => Promise<{ rows: number; seconds: number }>) => async () => {
  const redis = new Redis(url)
  await redis.flushall()
  redis.disconnect()
  return work()
}

if (process.argv[2] === undefined) {
  await project(count)
  await project(count / 4)
  await writeSets(count)
}
const samples = await inTurn(
  fileURLToPath(import.meta.url),
  {
    meridian: emptied(() => meridian(count)),
    'a quarter of the keys': emptied(() => meridian(count / 4)),
    'by hand': emptied(() => byHand(count)),
    'by hand, packed before': emptied(() => packedByHand(count)),
    'redis-cli --pipe': emptied(pipe),
  },
  runs,
)
rmSync(pipeFile)
print(`materialize ${count.toLocaleString('en-US')} keys x 20 features into Redis`, samples, 'by hand')
const rate = (own: readonly Sample[] = []) => own.map(({ facts, seconds }) => Number(facts.rows) / seconds)
for (const [name, own] of Object.entries(samples))
  console.log(`  ${name}: ${Math.round(median(rate(own))).toLocaleString('en-US')} rows a second`)
for (const other of ['by hand', 'by hand, packed before', 'redis-cli --pipe']) {
  const theirs = rate(samples[other])
  const ratio = median(rate(samples.meridian).map((own, run) => own / (theirs[run] as number)))
  console.log(`rows a second of meridian against ${other}: ${ratio.toFixed(2)}`)
}
process.exit(0)
