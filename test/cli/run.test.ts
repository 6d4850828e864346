/** The verbs that run: values on stdout, remarks on stderr. */
import { existsSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { definitions, project, withBuiltProject } from './command.ts'

const at = ['--at', '2001-06-15T12:15:00Z']

test(
  'get prints the features of a key, and with --status why they are what they are',
  withBuiltProject(async ({ meridian }) => {
    const one = await meridian(['get', 'shopping', 'vip=true', 'customer=1', ...at])
    assert.equal(
      [one.code, JSON.parse(one.stdout)],
      [
        0,
        {
          orders_1h: 2,
          amount_1h: '9007199254741003',
          mean_1h: 4503599627370502,
          last_amount: '9007199254740993',
          orders_1d: 2,
        },
      ],
    )
    assert.match(one.stdout, /^\{\n {2}"orders_1h": 2,\n/)
    assert.match(one.stderr, 'Local mode: stored 1 view as of 2001-06-15T12:15:00Z')
    const [status, view, nobody] = await Promise.all([
      meridian(['get', 'shopping', 'customer=1', 'vip=true', '--status', '--json', '--at', '2001-06-17']),
      meridian(['get', 'order_days', 'customer=2', 'vip=false', '--json', ...at]),
      meridian(['get', 'order_stats', 'customer=-1', 'vip=false', '--json', ...at]),
    ])
    assert.is(status.stdout.trimEnd().split('\n').length, 1)
    assert.equal(JSON.parse(status.stdout).last_amount, {
      value: null,
      status: 'expired',
      source: 'stored',
      tick: '2001-06-17T00:00:00.000Z',
      eventTimestamp: '2001-06-15T12:10:00.000Z',
    })
    assert.equal(view, { code: 0, stdout: '{"orders_1d":1}\n', stderr: '' })
    assert.equal(JSON.parse(nobody.stdout), { orders_1h: 0, amount_1h: null, mean_1h: null, last_amount: null })
  }),
)

test(
  'keys and names that are wrong are told before any work',
  withBuiltProject(async ({ meridian }) => {
    const expected: readonly (readonly [readonly string[], string])[] = [
      [['get', 'shoping'], 'there is no service or view "shoping", did you mean "shopping"?'],
      [['get', 'constructor'], 'there is no service or view "constructor"'],
      [['get', 'shopping', 'custmer=1'], 'there is no join key "custmer", did you mean "customer"?'],
      [['get', 'shopping', 'customer=one'], 'customer=one is no int64'],
      [['get', 'shopping', 'vip'], '"vip" is no key=value'],
      [['get', 'shopping', 'vip=true'], 'give every join key: "customer" is missing'],
      [['get', 'shopping', 'vip=true', 'customer=99999999999999999999'], 'customer=99999999999999999999 is no int64'],
      [['get', 'shopping', 'vip=true', 'customer=1', '--at', 'noon'], '"noon" is not an instant'],
      [['materialize', 'order_stat'], 'there is no materialized view "order_stat", did you mean "order_stats"?'],
      [['materialize', 'order_days'], 'there is no materialized view "order_days"'],
    ]
    const outcomes = await Promise.all(expected.map(([args]) => meridian(args)))
    for (const [index, { code, stdout, stderr }] of outcomes.entries()) {
      const [args, message] = expected[index] as (typeof expected)[number]
      assert.equal([args, code, stdout], [args, 2, ''])
      assert.match(stderr, message)
      assert.is(stderr.trimEnd().split('\n').length, 1, stderr)
    }
  }),
)

test(
  'materialize prints a table, or JSON',
  withBuiltProject(async ({ meridian }) => {
    const [table, json] = await Promise.all([
      meridian(['materialize', ...at]),
      meridian(['materialize', 'order_stats', '--json', ...at]),
    ])
    assert.equal([table.code, json.code, json.stderr], [0, 0, ''])
    assert.match(table.stdout, /^view {9}tick {22}keys {2}time\norder_stats {2}2001-06-15T12:15:00\.000Z {5}2 {2}/)
    assert.match(table.stderr, 'gone when this command ends')
    const [done] = JSON.parse(json.stdout)
    assert.equal([done.view, done.tick, done.rows], ['order_stats', '2001-06-15T12:15:00.000Z', 2])
  }),
)

const spine = `customer,vip,event_timestamp,label
2,false,2001-06-15 12:20:00,a
1,true,2001-06-15 12:09:59,b
1,true,2001-06-15 12:20:00,c
`

test(
  'training data goes into a file, which may be read by the next command',
  withBuiltProject(async ({ folder, meridian }) => {
    await writeFile(join(folder, 'spine.csv'), spine)
    const csv = await meridian(['training-data', 'shopping', '--spine', 'spine.csv', '--output', 'training.csv'])
    assert.equal([csv.code, csv.stdout], [0, ''])
    assert.match(csv.stderr, /^3 rows in training\.csv \(0\.0 MB\), in \d+\.\d s\n$/)
    assert.is(
      await readFile(join(folder, 'training.csv'), 'utf8'),
      [
        'customer,vip,event_timestamp,label,orders_1h,amount_1h,mean_1h,last_amount,orders_1d',
        '2,false,2001-06-15 12:20:00,a,1,5,5.0,5,1',
        '1,true,2001-06-15 12:09:59,b,1,10,10.0,10,1',
        '1,true,2001-06-15 12:20:00,c,2,9007199254741003,4503599627370502.0,9007199254740993,2',
        '',
      ].join('\n'),
    )
    const query = "SELECT customer, vip, event_timestamp FROM read_csv('spine.csv')"
    const parquet = ['training-data', 'order_days', '--spine-sql', query, '--output', 'a.parquet', '--json']
    const { code, stdout } = await meridian(parquet)
    assert.equal([code, JSON.parse(stdout).rows], [0, 3])
    const again = [
      'training-data',
      'order_stats',
      '--spine',
      'a.parquet',
      '--output',
      'b.csv',
      '--accuracy',
      'as_served',
    ]
    assert.is((await meridian(again)).code, 0)
    assert.match(await readFile(join(folder, 'b.csv'), 'utf8'), /^1,true,2001-06-15 12:09:59,1,1,10,/m)

    await writeFile(join(folder, 'bad.csv'), 'vip,event_timestamp\n1,2001-06-15\n')
    const bad = await meridian(['training-data', 'shopping', '--spine', 'bad.csv', '--output', 'c.csv'])
    assert.equal([bad.code, bad.stdout], [2, ''])
    assert.match(bad.stderr, 'column "customer" is missing')
    assert.match(bad.stderr, 'column "vip" is BIGINT and must be boolean')
  }),
)

for (const { table, binding } of [
  { table: 'raw_orders', binding: ", duckdb: { table: 'raw_orders' }" },
  // The session's own relation has this name too.
  { table: 'orders', binding: '' },
])
  test(
    `sources that are tables are read from the database file that is named: ${table}`,
    withBuiltProject(
      async ({ folder, meridian }) => {
        const instance = await DuckDBInstance.create(join(folder, 'data.duckdb'))
        const connection = await instance.connect()
        await connection.run(`CREATE TABLE ${table} AS FROM read_csv('${join(folder, 'orders.csv')}')`)
        await connection.run('CREATE TABLE labels AS SELECT 2 AS customer, false AS vip, now() AS event_timestamp')
        connection.closeSync()
        instance.closeSync()
        const get = ['get', 'order_days', 'customer=2', 'vip=false', '--json', ...at]
        const { stdout, stderr } = await meridian([...get, '--duckdb', 'data.duckdb'])
        assert.is(stdout, '{"orders_1d":1}\n', stderr)
        const training = ['training-data', 'order_days', '--spine-table', 'labels', '--output', 'a.csv']
        assert.is((await meridian([...training, '--duckdb', 'data.duckdb'])).code, 0)
        // A spine in the table that the source reads keeps its other columns: the session's relation does not hide it.
        const same = ['training-data', 'order_days', '--spine-table', table, '--output', 'same.csv']
        const { stderr: said } = await meridian([...same, '--duckdb', 'data.duckdb'])
        assert.match(said, 'column "event_timestamp" is missing')
        const missing = await meridian([...get, '--duckdb', 'typo.duckdb'])
        assert.equal([missing.code, existsSync(join(folder, 'typo.duckdb'))], [2, false])
        assert.match(missing.stderr, 'there is no database file typo.duckdb')
        const none = await meridian(get)
        assert.is(none.code, 2)
        assert.match(none.stderr, 'source "orders" cannot be read')
      },
      { ...project, 'features.ts': definitions().replace(", duckdb: { csv: 'orders.csv' }", binding) },
    ),
  )

test(
  'explain shows what a view or service is, one statement, or all as JSON',
  withBuiltProject(async ({ folder, meridian }) => {
    const [view, service, statement, json] = await Promise.all([
      meridian(['explain', 'order_stats']),
      meridian(['explain', 'shopping']),
      meridian(['explain', 'order_stats', '--statement', 'materialize']),
      meridian(['explain', 'order_stats', '--json']),
    ])
    for (const { code, stderr } of [view, service, statement, json]) assert.equal([code, stderr], [0, ''])
    assert.match(view.stdout, /^view order_stats\n\nWhat a customer ordered lately\.\n/)
    assert.match(view.stdout, /^defined {2,}features\.ts:8 orderStats$/m)
    assert.match(view.stdout, /^── duckdb\/order_stats\/point_in_time\.sql$/m)
    assert.match(service.stdout, /^order_days +computed when read +orders_1d$/m)
    const { definition, catalog, lineage, keySchema, plan, statements } = JSON.parse(json.stdout)
    assert.equal([catalog.name, catalog.doc], ['order_stats', 'What a customer ordered lately.'])
    assert.equal([definition.file, definition.line, definition.column], ['features.ts', 8, 14])
    assert.equal(definition.features, { orders_1h: 11, amount_1h: 12, mean_1h: 13, last_amount: 14 })
    assert.match(
      definition.text,
      /^\/\*\* What a customer ordered lately\. \*\/\nexport const orderStats = [\s\S]+\}\)$/,
    )
    assert.equal(lineage.features, {
      orders_1h: [],
      amount_1h: ['amount'],
      mean_1h: ['amount'],
      last_amount: ['amount'],
    })
    assert.equal(lineage.shared, ['customer', 'vip', 'ordered_at', 'amount'])
    assert.equal(
      lineage.usedBy.map(({ name }: { name: string }) => name),
      ['shopping'],
    )
    assert.match(keySchema.key.pattern, /^\{customer:<customer>:<vip>\}:order_stats:/)
    assert.equal(plan.measures.length, 3)
    const found = statements.find(({ kind }: { kind: string }) => kind === 'point_in_time')
    assert.is(found.sql, await readFile(join(folder, 'generated', found.path), 'utf8'))
    assert.match(view.stdout, /^── redis\/order_stats\.md$/m)
    assert.match(view.stdout, /^used by service shopping: orders_1h, amount_1h, mean_1h, last_amount$/m)
    assert.is(statement.stdout, await readFile(join(folder, 'generated/duckdb/order_stats/materialize.sql'), 'utf8'))
  }),
)

test.run()
