/** A project with a feature of every type, built once, and pods of it. */
import { rmSync } from 'node:fs'
import { mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { build } from 'meridian/compiler'
import { Pod, type PodOptions } from 'meridian/serve'
import * as assert from 'uvu/assert'

const features = `
import { entity, featureService, featureView, onDemandFeatureView, source, sql, t } from 'meridian'
export const thing = entity('thing', { joinKeys: { id: t.int64(), kind: t.string() } })
const columns = {
  id: t.int64(), kind: t.string(), flag: t.boolean(), small: t.int32(), large: t.int64(), safe: t.int64({ as: 'number' }),
  ratio: t.float64(), price: t.decimal(12, 2), name: t.string(), seen: t.timestamp(), raw: t.bytes(), extra: t.json(),
  tags: t.list(t.string()), days: t.list(t.timestamp()), embedding: t.vector(2), happened_at: t.timestamp(),
} as const
/** Two rows: one of values at their edges, one that is null but for its keys. */
export const rows = source('rows', {
  columns, eventTimestamp: 'happened_at', tieBreak: ['id'],
  duckdb: sql\`SELECT id, kind, flag, small, large, safe, ratio, price, name, seen, raw, extra, tags, days, embedding, happened_at FROM (
    SELECT 9007199254740993::BIGINT AS id, 'odd: {kind}' AS kind, true AS flag, (-2147483648)::INTEGER AS small,
      (-9223372036854775808)::BIGINT AS large, 9007199254740991::BIGINT AS safe, 'NaN'::DOUBLE AS ratio, (-0.05)::DECIMAL(12, 2) AS price,
      'Ünï"code\\' AS name, TIMESTAMP '2001-06-15 12:00:00.000001' AS seen, '\\x00\\xFF'::BLOB AS raw, '{"a":[1,null]}'::JSON AS extra,
      ['x', NULL] AS tags, [TIMESTAMP '1969-12-31 23:59:59.999999'] AS days, [0.5, -1.5]::FLOAT[2] AS embedding,
      TIMESTAMP '2001-06-15 11:59:59.123456' AS happened_at
    UNION ALL SELECT 2, 'null', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, TIMESTAMP '2001-06-15 11:00:00')\`,
  postgres: sql\`SELECT 9007199254740993::bigint AS id, 'odd: {kind}'::text AS kind, true AS flag, (-2147483648)::integer AS small,
      (-9223372036854775808)::bigint AS large, 9007199254740991::bigint AS safe, 'NaN'::double precision AS ratio, (-0.05)::numeric(12, 2) AS price,
      'Ünï"code\\'::text AS name, timestamp '2001-06-15 12:00:00.000001' AS seen, '\\x00ff'::bytea AS raw, '{"a":[1,null]}'::jsonb AS extra,
      ARRAY['x', NULL]::text[] AS tags, ARRAY[timestamp '1969-12-31 23:59:59.999999'] AS days, ARRAY[0.5, -1.5]::real[] AS embedding,
      timestamp '2001-06-15 11:59:59.123456' AS happened_at
    UNION ALL SELECT 2, 'null', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, timestamp '2001-06-15 11:00:00'\`,
})
/** What a thing is. */
export const everything = featureView('everything', {
  entity: thing, source: rows, refresh: '5m', materialize: true, owner: 'things',
  features: ({ count, last, sum }) => ({
    /** Times it was seen. */
    seen_count: count(),
    flag: last('flag'), small: last('small'), large: last('large'), safe: last('safe'), ratio: last('ratio'), price: last('price'),
    name: last('name').default('nobody'), seen: last('seen'), raw: last('raw'), extra: last('extra'), tags: last('tags'), days: last('days'),
    embedding: last('embedding'),
    total: sum('price').default('0.00'),
  }),
})
/** Computed when it is read. */
export const now = featureView('now', { entity: thing, source: rows, features: ({ count, last }) => ({ now_count: count(), now_seen: last('seen') }) })
/** Of a request. */
export const asked = onDemandFeatureView('asked', {
  request: {
    amount: t.decimal(12, 2), moment: t.timestamp(), weight: t.float64(), blob: t.bytes(), words: t.list(t.string()), big: t.int64(),
    yes: t.boolean(), point: t.vector(2), any: t.json(),
  },
  inputs: { everything: everything.pick('price', 'seen_count') },
  features: ({ feature }) => ({
    amount_back: feature(t.decimal(12, 2), ({ request }) => request.amount),
    moment_back: feature(t.timestamp(), ({ request }) => request.moment),
    weight_back: feature(t.float64(), ({ request }) => request.weight),
    blob_back: feature(t.bytes(), ({ request }) => request.blob),
    words_back: feature(t.list(t.string()), ({ request }) => request.words),
    big_back: feature(t.int64(), ({ request }) => request.big),
    point_back: feature(t.vector(2), ({ request }) => request.point),
    any_back: feature(t.json(), ({ request }) => request.any),
    /** Fails where it is asked to. */
    fragile: feature(t.string(), ({ request }) => { if (!request.yes) throw new Error('no'); return 'yes' }),
    guarded: feature(t.string(), ({ request }) => { if (!request.yes) throw new Error('no'); return 'yes' }).default('otherwise'),
  }),
})
/** All there is. */
export const all = featureService('all', [everything, now, asked], { owner: 'things' })
export const stored = featureService('stored', [everything])
export const patient = featureService('patient', [everything, now], { onStoreFailure: 'defaults' })
`

let built: Promise<string> | null = null

async function buildOnce(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'meridian-serve-'))
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }))
  await writeFile(join(folder, 'features.ts'), features)
  const { diagnostics } = await build({ root: folder, definitions: 'features.ts', output: 'generated', name: 'things' })
  assert.equal(diagnostics, [])
  return join(folder, 'generated')
}

/** Its generated folder. */
export function generated(): Promise<string> {
  built ??= buildOnce()
  return built
}

/** The thing with a value in each feature, and the arguments of a request about it. */
export const odd = { id: '9007199254740993', kind: 'odd: {kind}' }
export const request = {
  amount: '12.50',
  moment: '2001-06-15T12:00:00.123Z',
  weight: 'Infinity',
  blob: 'AAH/',
  words: ['a', null, 'b'],
  big: '-9223372036854775808',
  yes: true,
  point: [0.5, 'NaN'],
  any: { nested: [1, 'two', null] },
}

/** Runs `work` with a pod in local mode, with everything stored, and ends it. */
export function withPod(
  work: (pod: Pod) => Promise<void>,
  options: Omit<PodOptions, 'folder'> = {},
): () => Promise<void> {
  return async () => {
    const pod = await Pod.open({
      folder: await generated(),
      port: 0,
      log: { level: 'silent' },
      drain: { delay: 0 },
      ...options,
    })
    try {
      await pod.store.materialize()
      await work(pod)
    } finally {
      await pod.drain()
    }
  }
}

export interface Reply {
  readonly status: number
  readonly headers: Headers
  // biome-ignore lint/suspicious/noExplicitAny: what it is, is what tests look at
  readonly body: any
}

/** Posts JSON, or text as it is. */
export async function post(
  pod: Pod | string,
  path: string,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): Promise<Reply> {
  const url = typeof pod === 'string' ? pod : pod.url
  const response = await fetch(`${url}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  })
  return replyOf(response)
}

export async function get(
  pod: Pod | string,
  path: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<Reply> {
  const url = typeof pod === 'string' ? pod : pod.url
  return replyOf(await fetch(`${url}${path}`, { headers }))
}

async function replyOf(response: Response): Promise<Reply> {
  const text = await response.text()
  const isJson = /json/.test(response.headers.get('content-type') ?? '')
  return { status: response.status, headers: response.headers, body: isJson ? JSON.parse(text) : text }
}
