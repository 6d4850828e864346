/** `meridian doctor` in local mode: files, database files, the generated folder, the definitions. */
import { appendFile, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { nodeFinding } from '../../../cli/doctor/versions.ts'
import { orders, project, type Workspace, withBuiltProject } from '../command.ts'
import { assertComplaints, doctor, features, files, foundOk } from './project.ts'

/** Runs a statement on a database, in memory or of a file. */
async function duckdb(statement: string, path = ':memory:'): Promise<void> {
  const instance = await DuckDBInstance.create(path)
  const connection = await instance.connect()
  await connection.run(statement)
  connection.closeSync()
  instance.closeSync()
}

const rows = (columns: string) => `SELECT ${columns} FROM range(100) AS numbers (n)`
const sound = `n AS customer, n::DECIMAL(12, 2) AS amount, 'paid' AS status, TIMESTAMP '2001-06-15' AS ordered_at, TIMESTAMP '2001-06-15' AS known_at`

const given = (work: (workspace: Workspace) => Promise<void>, columns = sound) =>
  withBuiltProject(async workspace => {
    await duckdb(`COPY (${rows(columns)}) TO '${join(workspace.folder, 'orders.parquet')}' (FORMAT parquet)`)
    await work(workspace)
  }, files)

/** In local mode, which is the default. */
const local = {}

test(
  'a project that is as it should be',
  given(async workspace => {
    const findings = await doctor(workspace, local)
    assertComplaints(findings, [])
    for (const check of ['node.version', 'artefacts', 'definitions', 'duckdb.version', 'source.columns', 'statements'])
      assert.ok(foundOk(findings, check), check)
    assert.match(findings.find(({ check }) => check === 'statements')?.what ?? '', /^\d\d statements can be run$/)
  }),
)

test(
  'a file that is gone',
  given(async workspace => {
    await rm(join(workspace.folder, 'orders.parquet'))
    const findings = await doctor(workspace, local)
    assertComplaints(findings, [
      /^problem source\.data orders\.parquet: source "orders" cannot be read: .*No files found.* -> put the file there, or bind the source to where it is/,
    ])
    assert.match(
      findings.find(({ check }) => check === 'statements')?.what ?? '',
      /statements? can be run; \d+ others read sources that cannot be read/,
    )
  }),
)

test(
  'columns of a file that are missing, or of another type',
  given(async workspace => {
    assertComplaints(await doctor(workspace, local), [
      /^problem source\.columns orders\.parquet: column "amount" of "orders" is VARCHAR, which is not always decimal\(12, 2\) -> /,
      /^problem source\.columns orders\.parquet: "orders" has no column "status".* -> add the column, as string, or correct features\.ts \(orders\)/,
    ])
  }, `n AS customer, 'much' AS amount, TIMESTAMP '2001-06-15' AS ordered_at, TIMESTAMP '2001-06-15' AS known_at`),
)

test(
  'a CSV file with other columns',
  withBuiltProject(async workspace => {
    assertComplaints(await doctor(workspace, local), [])
    await writeFile(join(workspace.folder, 'orders.csv'), orders.replace('vip', 'very_important'))
    assertComplaints(await doctor(workspace, local), [
      /^problem source\.columns orders\.csv: "orders" has no column "vip" \(there are customer, very_important, amount, ordered_at\) -> /,
    ])
  }, project),
)

test(
  'tables of a database file',
  withBuiltProject(
    async workspace => {
      const path = join(workspace.folder, 'shop.duckdb')
      assertComplaints(await doctor(workspace, local), [
        /^problem source\.data project\.main\.raw_orders: .*Table with name raw_orders does not exist.* -> name the database file that has the table with --duckdb/,
      ])
      assertComplaints(await doctor(workspace, local, { duckdb: path }), [
        /^problem duckdb .*shop\.duckdb: the database cannot be opened: .* -> name the file that has the tables with --duckdb/,
      ])
      await duckdb(`CREATE TABLE raw_orders AS ${rows(sound)}`, path)
      assertComplaints(await doctor(workspace, local, { duckdb: path }), [])
      await duckdb('ALTER TABLE raw_orders DROP COLUMN known_at', path)
      assertComplaints(await doctor(workspace, local, { duckdb: path }), [
        /^problem source\.columns project\.main\.raw_orders: "orders" has no column "known_at"/,
      ])
    },
    { ...files, 'features.ts': features.replace("{ parquet: 'orders.parquet' }", "{ table: 'raw_orders' }") },
  ),
)

test(
  'files that were edited, are missing, or are of another build',
  given(async ({ folder, ...workspace }) => {
    const path = (name: string) => join(folder, 'generated', name)
    const found = () => doctor({ folder, ...workspace }, local)
    await appendFile(path('duckdb/lately/lookup.sql'), '-- by hand\n')
    await rm(path('index.ts'))
    assertComplaints(await found(), [
      /^problem artefacts generated\/duckdb\/lately\/lookup\.sql: the file is not the one that manifest\.json lists: .* -> run meridian build/,
      /^problem artefacts generated\/index\.ts: the file is missing -> run meridian build/,
    ])
    const text = await readFile(path('manifest.json'), 'utf8')
    await writeFile(path('manifest.json'), text.replace('"manifestVersion": 1', '"manifestVersion": 2'))
    assertComplaints(await found(), [
      /^problem artefacts generated\/manifest\.json: it is of version 2, and this runtime reads version 1 -> build and run with the same version/,
    ])
    await writeFile(path('manifest.json'), text.slice(0, 100))
    assertComplaints(await found(), [
      /^problem artefacts generated\/manifest\.json: it is no JSON -> run meridian build/,
    ])
    await rm(path('manifest.json'))
    assertComplaints(await found(), [
      /^problem artefacts generated\/manifest\.json: there is none -> run meridian build/,
    ])
  }),
)

test(
  'definitions that say something else by now, that are wrong, or not there',
  given(async workspace => {
    const file = join(workspace.folder, 'features.ts')
    await writeFile(file, features.replace("over('7d')", "over('6d')"))
    assertComplaints(await doctor(workspace, local), [
      /^warning definitions features\.ts: \d statements would be built otherwise: duckdb\/spending\/.* -> run meridian plan to see what changed, and meridian build/,
    ])
    await writeFile(file, features.replace("sum('amount')", "sum('amuont')"))
    assertComplaints(await doctor(workspace, local), [
      /^problem definitions features\.ts: 1 mistake, the first: .*amuont.* -> run meridian check/,
    ])
    await rm(file)
    assertComplaints(await doctor(workspace, local), [
      /^warning definitions features\.ts: there are no definitions here: .* -> run doctor where the definitions are/,
    ])
  }),
)

test(
  'an environment that there is not, or that the project is not built for',
  given(async workspace => {
    assertComplaints(await doctor(workspace, { MERIDIAN_ENV: 'staging' }), [
      /^problem environment -: MERIDIAN_ENV is "staging" -> set it to local, which is the default, or to production/,
    ])
    const path = join(workspace.folder, 'generated/manifest.json')
    const manifest = JSON.parse(await readFile(path, 'utf8'))
    for (const { statements } of Object.values<{ statements: Record<string, unknown> }>(manifest.views))
      delete statements.duckdb
    await writeFile(path, JSON.stringify(manifest))
    const [finding] = (await doctor(workspace, local)).filter(({ status }) => status === 'problem')
    assert.match(finding?.fix ?? '', /^add 'duckdb' to dialects in meridian\.config\.ts, and run meridian build$/)
  }),
)

test('a Node that is too old', () => {
  assert.equal(nodeFinding('v20.1.0').status, 'ok')
  const { status, what, fix } = nodeFinding('v18.20.4')
  assert.equal(
    [status, what, fix],
    ['problem', 'Node 20 or later is needed, and this is 18.20.4', 'install Node 20 or later'],
  )
})

test.run()
