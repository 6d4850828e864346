/** Mistakes that only the engine can find: in the author's queries, and in the data that a source is bound to. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { compile, dialects } from 'meridian/compiler'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { hashed } from '../compiler/emit/artefact.ts'
import { createLocator } from '../compiler/load/locate.ts'
import { nothingVerified } from '../compiler/verify/verified.ts'
import { verify } from '../compiler/verify/verify.ts'

/** One definition file; what stands between « and » is what each diagnostic must underline, in their order. */
async function finds(marked: string, expected: readonly string[], files: Readonly<Record<string, string>> = {}) {
  const root = mkdtempSync(join(tmpdir(), 'meridian-verify-'))
  try {
    const { text, ranges } = unmarked(marked)
    writeFileSync(join(root, 'features.ts'), text)
    for (const [path, content] of Object.entries(files)) writeFileSync(join(root, path), content)
    const options = { root, definitions: 'features.ts', output: 'generated', name: 'verify' }
    const { diagnostics, artefacts } = await compile(options)
    assert.equal(
      diagnostics.map(({ code, message, label }) => `${code}: ${message}${label ? ` (${label})` : ''}`),
      expected,
    )
    // Each dialect may have something to say of one place.
    const places = new Map(diagnostics.map(({ place }) => [place?.start, place]))
    assert.equal(
      [...places.values()],
      ranges.map(({ start, end }) => ({ file: 'features.ts', ...lineAndColumn(text, start), start, end })),
    )
    assert.is(artefacts.length > 0, expected.length === 0)
    return diagnostics
  } finally {
    rmSync(root, { recursive: true })
  }
}

function unmarked(marked: string) {
  const ranges: { start: number; end: number }[] = []
  let text = ''
  for (const [index, part] of marked.split(/[«»]/).entries()) {
    if (index % 2 === 1) ranges.push({ start: text.length, end: text.length + part.length })
    text += part
  }
  return { text, ranges }
}

function lineAndColumn(text: string, offset: number) {
  const before = text.slice(0, offset).split('\n')
  return { line: before.length, column: (before.at(-1) ?? '').length + 1 }
}

const head = `import { entity, featureView, source, sql, sqlFeatureView, t } from 'meridian'
export const user = entity('user', { joinKeys: { user_id: t.int64() } })
`

const overPayments = (query: string, features: string, rest = ''): string => `${head}
export const payments = source('payments', {
  columns: { user_id: t.int64(), amount: t.decimal(12, 2), paid_at: t.timestamp() },
  eventTimestamp: 'paid_at',
})
export const paid = sqlFeatureView('paid', {
  entity: user,
  query: ${query.replace('FROM payments', `FROM \${payments}`)},
  eventTimestamp: 'paid_at',
  tieBreak: ['paid_at'],${rest}
  features: ({ column }) => (${features}),
})
`

const bound = (columns: string, binding: string): string => `${head}
export const payments = source('payments', {
  columns: ${columns},
  eventTimestamp: 'paid_at',
  duckdb: ${binding},
})
export const stats = featureView('stats', {
  entity: user,
  source: payments,
  features: ({ count }) => ({ payments_1d: count().over('1d') }),
})
`

test('verify: a query and a binding that yield what is declared', async () => {
  const query = 'sql`SELECT user_id, paid_at, amount FROM payments`'
  await finds(overPayments(query, '{ amount: column(t.decimal(12, 2)) }'), [])
  const columns = '{ user_id: t.int64(), paid_at: t.timestamp() }'
  await finds(bound(columns, "sql`SELECT 1::INTEGER AS user_id, TIMESTAMP '2024-01-01' AS paid_at, 7 AS more`"), [])
})

test('verify: sql.invalid', async () => {
  const query = '«sql`SELECT user_id, paid_at, amonut AS amount FROM payments`»'
  const [found, other] = await finds(overPayments(query, '{ amount: column(t.decimal(12, 2)) }'), [
    'sql.invalid: the query of view "paid" does not run in duckdb',
    'sql.invalid: the query of view "paid" does not run in postgres',
  ])
  assert.match(found?.notes.join('\n') ?? '', /Binder Error: .*"amonut"/)
  assert.equal(other?.notes, ['column "amonut" does not exist'])
})

test('verify: sql.invalid, of a text that is not SQL', async () => {
  await finds(overPayments('«sql`SELEC user_id`»', '{ amount: column(t.decimal(12, 2)) }'), [
    'sql.invalid: the query of view "paid" does not run in duckdb',
    'sql.invalid: the query of view "paid" does not run in postgres',
  ])
})

test('verify: sql.missing-column', async () => {
  const query = 'sql`SELECT user_id, paid_at, amount AS amout FROM payments`'
  const [found] = await finds(overPayments(query, '{ «amount»: column(t.decimal(12, 2)) }'), [
    'sql.missing-column: the query of view "paid" yields no column "amount" (did you mean \'amout\'?)',
  ])
  assert.equal(found?.notes, ['columns: user_id, paid_at, amout'])
})

test('verify: sql.missing-column, for each column that is missing', async () => {
  const query = 'sql`SELECT user_id, paid_at FROM payments`'
  await finds(overPayments(query, '{ «one»: column(t.int32()), «two»: column(t.int32()).default(2) }'), [
    'sql.missing-column: the query of view "paid" yields no column "one"',
    'sql.missing-column: the query of view "paid" yields no column "two"',
  ])
})

test('verify: sql.wrong-type', async () => {
  const query = 'sql`SELECT user_id, paid_at, amount::DOUBLE PRECISION AS amount FROM payments`'
  await finds(overPayments(query, '{ «amount»: column(t.decimal(12, 2)) }'), [
    'sql.wrong-type: the query of view "paid" yields DOUBLE for "amount" in duckdb, which is declared decimal(12, 2)',
    'sql.wrong-type: the query of view "paid" yields double precision for "amount" in postgres, which is declared decimal(12, 2)',
  ])
})

test('verify: sql.wrong-type, of another precision', async () => {
  const query = 'sql`SELECT user_id, paid_at, sum(amount) AS amount FROM payments GROUP BY user_id, paid_at`'
  await finds(overPayments(query, '{ «amount»: column(t.decimal(12, 2)) }'), [
    'sql.wrong-type: the query of view "paid" yields DECIMAL(38,2) for "amount" in duckdb, which is declared decimal(12, 2)',
    'sql.wrong-type: the query of view "paid" yields numeric for "amount" in postgres, which is declared decimal(12, 2)',
  ])
})

test('verify: source.invalid', async () => {
  const columns = '{ user_id: t.int64(), paid_at: t.timestamp() }'
  const [found] = await finds(bound(columns, '«sql`SELECT user_id FROM (SELECT 1 AS id)`»'), [
    'source.invalid: source "payments" cannot be read in duckdb',
  ])
  assert.match(found?.notes.join('\n') ?? '', /Binder Error: .*"user_id"/)
})

test('verify: source.missing-column', async () => {
  const [found] = await finds(
    bound('{ user_id: t.int64(), «amount»: t.int32(), paid_at: t.timestamp() }', "{ csv: 'payments.csv' }"),
    ['source.missing-column: the data of source "payments" has no column "amount" (did you mean \'amounts\'?)'],
    { 'payments.csv': 'user_id,amounts,paid_at\n1,2,2024-01-01 00:00:00\n' },
  )
  assert.equal(found?.notes, ['columns: user_id, amounts, paid_at'])
})

test('verify: source.wrong-type', async () => {
  await finds(
    bound('{ user_id: t.int64(), «amount»: t.int32(), paid_at: t.timestamp() }', "{ csv: 'payments.csv' }"),
    ['source.wrong-type: column "amount" of source "payments" is VARCHAR, which is declared int32'],
    { 'payments.csv': 'user_id,amount,paid_at\n1,much,2024-01-01 00:00:00\n' },
  )
})

test('verify: a CSV file is read as what is declared, not as what its text looks like', async () => {
  await finds(
    bound('{ user_id: t.int64(), amount: t.decimal(12, 2), paid_at: t.timestamp() }', "{ csv: 'payments.csv' }"),
    [],
    { 'payments.csv': 'user_id,amount,paid_at\n001,1.10,2024-01-01 00:00:00\n' },
  )
})

test('verify: source.wrong-type, of a type that would lose digits', async () => {
  const binding = "sql`SELECT 1::BIGINT AS user_id, 1.5::DOUBLE AS amount, TIMESTAMP '2024-01-01' AS paid_at`"
  await finds(bound('{ user_id: t.int64(), «amount»: t.int32(), paid_at: t.timestamp() }', binding), [
    'source.wrong-type: column "amount" of source "payments" is DOUBLE, which is declared int32',
  ])
})

test('verify: data that cannot be reached from here are left to the machine that can', async () => {
  const columns = '{ user_id: t.int64(), paid_at: t.timestamp() }'
  await finds(bound(columns, "{ parquet: 'nowhere.parquet' }"), [])
})

test('verify: source.invalid, of a file for a server', async () => {
  const columns = '{ user_id: t.int64(), paid_at: t.timestamp() }'
  const text = bound(columns, "{ parquet: 'a.parquet' }")
    .replace('duckdb: {', 'postgres: «{')
    .replace("parquet' },", "parquet' }» as never,")
  const [found] = await finds(text, ['source.invalid: source "payments" cannot be read in postgres'])
  assert.equal(found?.notes, ['Postgres reads no files: bind the source to a table or a query'])
})

test('verify: statement.invalid, of a statement that does not prepare', async () => {
  const root = mkdtempSync(join(tmpdir(), 'meridian-verify-'))
  try {
    const { text, ranges } = unmarked(
      bound('{ user_id: t.int64(), paid_at: t.timestamp() }', "{ csv: 'a.csv' }").replace("'stats'", "«'stats'»"),
    )
    writeFileSync(join(root, 'features.ts'), text)
    const options = { root, definitions: 'features.ts', output: 'generated', name: 'verify' }
    const { artefacts, catalog, plans, inputs } = await compile(options)
    const file = 'duckdb/stats/lookup.sql'
    const spoilt = artefacts.map(artefact =>
      hashed(artefact.path === file ? { path: file, text: 'SELECT 1 FROM nowhere' } : artefact),
    )
    const locator = await createLocator(root, inputs)
    const dialect = dialects.find(({ name }) => name === 'duckdb')!
    const catalogue = await dialect.openCatalogue()
    const input = { catalog: catalog!, plans: plans!, artefacts: spoilt, verified: nothingVerified, locator, root }
    const [found, ...others] = await verify(dialect, async () => catalogue, input)
    await catalogue.close()
    assert.equal(others, [])
    assert.equal(
      [found?.code, found?.message],
      ['statement.invalid', `the generated statement ${file} does not prepare`],
    )
    assert.match(found?.notes.join('\n') ?? '', /nowhere/)
    const [{ start, end }] = ranges as [{ start: number; end: number }]
    assert.equal(found?.place, { file: 'features.ts', ...lineAndColumn(text, start), start, end })
  } finally {
    rmSync(root, { recursive: true })
  }
})

test('verify: what was verified before is not asked about again, and what changed is', async () => {
  const root = mkdtempSync(join(tmpdir(), 'meridian-verify-'))
  try {
    const known = new Set<string>()
    const added: string[] = []
    const verified = {
      get isEmpty() {
        return known.size === 0
      },
      has: (identity: string) => known.has(identity),
      add: (identity: string) => {
        if (!known.has(identity)) added.push(identity)
        known.add(identity)
      },
    }
    const run = async (amount: string) => {
      added.length = 0
      const query = `sql\`SELECT user_id, paid_at, ${amount} AS amount FROM payments\``
      writeFileSync(join(root, 'features.ts'), overPayments(query, '{ amount: column(t.decimal(12, 2)) }'))
      const options = { root, definitions: 'features.ts', output: 'generated', name: 'verify', verified }
      return (await compile(options)).diagnostics.map(({ code }) => code)
    }
    assert.equal(await run('amount'), [])
    // Two sources, and three statements of one view, in each of two dialects.
    assert.is(added.length, 10)
    assert.equal([await run('amount'), added], [[], []])
    assert.equal(await run('amonut'), ['sql.invalid', 'sql.invalid'])
    assert.equal(await run('amount + 0.00::DECIMAL(12, 2)'), ['sql.wrong-type', 'sql.wrong-type'])
    assert.equal([await run('amount'), added], [[], []])
  } finally {
    rmSync(root, { recursive: true })
  }
})

test('verify: mistakes of several definitions are reported together', async () => {
  const both = overPayments('«sql`SELEC`»', '{ amount: column(t.decimal(12, 2)) }').replace(
    "eventTimestamp: 'paid_at',\n}",
    "eventTimestamp: 'paid_at',\n  duckdb: «sql`SELEC`»,\n}",
  )
  await finds(both, [
    'source.invalid: source "payments" cannot be read in duckdb',
    'sql.invalid: the query of view "paid" does not run in duckdb',
    'sql.invalid: the query of view "paid" does not run in postgres',
  ])
})

test.run()
