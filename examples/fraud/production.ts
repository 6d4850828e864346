/** What the production run needs beside the application: servers, the synthetic tables in Postgres, a look into Redis. */
import { createReadStream, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { DuckDBInstance } from '@duckdb/node-api'
import { Redis } from 'ioredis'
import pg from 'pg'
import { from as copyFrom } from 'pg-copy-streams'
import type { OwnServer } from '../../test/servers.ts'
import { folder } from './data.ts'

export interface Servers {
  readonly postgres: string
  readonly redis: string
  /** To be stopped and started; null where it is someone else's. */
  readonly own: OwnServer | null
  stop(): Promise<void>
}

/** Those that the environment names, or two of its own, on private ports and in temporary folders. */
export async function servers(): Promise<Servers> {
  const { MERIDIAN_POSTGRES_URL: postgres, MERIDIAN_REDIS_URL: redis } = process.env
  if (postgres && redis) {
    if (redis.includes('+cluster://')) throw new Error('this demo looks into one Redis server, not into a cluster')
    return { postgres, redis, own: null, stop: async () => {} }
  }
  const { ownPostgresServer, ownRedisServer } = await import('../../test/servers.ts')
  const [database, store] = await Promise.all([ownPostgresServer(), ownRedisServer()])
  return {
    postgres: database.url,
    redis: store.url,
    own: store,
    stop: async () => void (await Promise.all([database.stop(), store.stop()])),
  }
}

const columns = {
  transactions: `transaction_id BIGINT, user_id BIGINT, merchant_id TEXT, device_id TEXT, amount NUMERIC(12, 2),
    status TEXT, attempted_at TIMESTAMPTZ`,
  chargebacks: `transaction_id BIGINT, merchant_id TEXT, amount NUMERIC(12, 2), paid_at TIMESTAMPTZ, reported_at TIMESTAMPTZ`,
  labels: `user_id BIGINT, merchant_id TEXT, device_id TEXT, amount NUMERIC(12, 2), event_timestamp TIMESTAMPTZ,
    transaction_id BIGINT, fraud BOOLEAN`,
} as const

/** Copies the Parquet files into the schema `fraud_example`, and makes the indexes that the build asks for. Returns rows by table. */
export async function loadTables(url: string): Promise<Record<keyof typeof columns, number>> {
  const files = mkdtempSync(join(tmpdir(), 'meridian-fraud-'))
  const duckdb = await (await DuckDBInstance.create()).connect()
  const client = new pg.Client(url)
  await client.connect()
  const rows = { transactions: 0, chargebacks: 0, labels: 0 }
  try {
    await client.query("SET TimeZone = 'UTC'; DROP SCHEMA IF EXISTS fraud_example CASCADE; CREATE SCHEMA fraud_example")
    for (const [table, list] of Object.entries(columns) as [keyof typeof columns, string][]) {
      const file = join(files, `${table}.csv`)
      await duckdb.run(`COPY (FROM '${folder}/${table}.parquet') TO '${file}' (HEADER false)`)
      await client.query(`CREATE TABLE fraud_example.${table} (${list})`)
      const copy = client.query(copyFrom(`COPY fraud_example.${table} FROM STDIN (FORMAT csv)`))
      await pipeline(createReadStream(file), copy)
      rows[table] = copy.rowCount
    }
    await client.query(readFileSync('generated/fraud/postgres/indexes.sql', 'utf8'))
    await client.query('ANALYZE fraud_example.transactions, fraud_example.chargebacks, fraud_example.labels')
    return rows
  } finally {
    await client.end()
    duckdb.closeSync()
    rmSync(files, { recursive: true, force: true })
  }
}

type Layouts = readonly { readonly name: string; readonly layout: string }[]

/** Removes what an earlier run stored, which may be newer than what this one will: time runs forwards in a store. */
export async function forget(url: string, views: Layouts): Promise<void> {
  await withRedis(url, async redis => {
    for (const { name, layout } of views) {
      await redis.unlink(`meridian:tick:${name}:${layout}`)
      for await (const keys of redis.scanStream({ match: `*:${name}:${layout}`, count: 1_000 }))
        if (keys.length > 0) await redis.unlink(...keys)
    }
  })
}

export interface Stored {
  readonly view: string
  readonly keys: number
  readonly example: string
  /** Bytes of a row's value, and of all that Redis keeps for it. */
  readonly value: number
  readonly whole: number
}

/** What is in Redis, by view. */
export async function stored(url: string, views: Layouts): Promise<Stored[]> {
  return withRedis(url, async redis => {
    const found: Stored[] = []
    for (const { name, layout } of views) {
      const keys = new Set<string>()
      for await (const some of redis.scanStream({ match: `{*}:${name}:${layout}`, count: 1_000 }))
        for (const key of some) keys.add(key)
      const example = [...keys].sort()[0] ?? ''
      const [value, whole] = [await redis.strlen(example), Number(await redis.memory('USAGE', example))]
      found.push({ view: name, keys: keys.size, example, value, whole })
    }
    return found
  })
}

async function withRedis<T>(url: string, work: (redis: Redis) => Promise<T>): Promise<T> {
  const redis = new Redis(url)
  try {
    return await work(redis)
  } finally {
    redis.disconnect()
  }
}
