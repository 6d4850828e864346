/** `meridian doctor` on a real Postgres: each fault is made, and found with what to do about it. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import pg from 'pg'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { postgresDatabase } from '../../servers/postgres.ts'
import { type OwnServer, ownPostgresServer, type Server } from '../../servers.ts'
import { type Workspace, withBuiltProject } from '../command.ts'
import { assertComplaints, doctor, files, foundOk, makeTables } from './project.ts'

let server: OwnServer
let database: Server
let client: pg.Client

test.before(async () => {
  server = await ownPostgresServer()
  database = await postgresDatabase(server.url)
  client = new pg.Client(database.url)
  client.on('error', () => {})
  await client.connect()
})
test.after(async () => {
  await client.end()
  await server.stop()
})

const noRedis = /^problem environment -: MERIDIAN_REDIS_URL is not set -> set it to redis:/
/** Of the database alone. */
const environment = (url = database.url) => ({ MERIDIAN_ENV: 'production', MERIDIAN_POSTGRES_URL: url })

const given = (work: (workspace: Workspace) => Promise<void>) =>
  withBuiltProject(async workspace => {
    await makeTables(client, await readFile(join(workspace.folder, 'generated/postgres/indexes.sql'), 'utf8'))
    await work(workspace)
  }, files)

/** What is found after a fault. */
const after = (fault: string, expected: readonly RegExp[]) =>
  given(async workspace => {
    await client.query(fault)
    assertComplaints(await doctor(workspace, environment()), [noRedis, ...expected])
  })

test(
  'a database that is as it should be',
  given(async workspace => {
    const findings = await doctor(workspace, environment())
    assertComplaints(findings, [noRedis])
    for (const check of [
      'postgres.version',
      'postgres.clock',
      'postgres.rights',
      'source.columns',
      'statements',
      'indexes',
    ])
      assert.ok(foundOk(findings, check), check)
    const statements = findings.find(({ check }) => check === 'statements')
    const { manifest } = {
      manifest: JSON.parse(await readFile(join(workspace.folder, 'generated/manifest.json'), 'utf8')),
    }
    // All of this dialect but for what is made of others: indexes, ticks, and snapshots, which are the query of a relation.
    const prepared = Object.keys(manifest.artefacts).filter(
      path => /^postgres\/.*\.sql$/.test(path) && !/indexes|ticks\/|snapshot/.test(path),
    )
    assert.is(statements?.what, `${prepared.length} statements can be run`)
    // Nothing is left behind.
    const { rows } = await client.query(
      `SELECT relname FROM pg_class WHERE relname LIKE 'meridian\\_\\_%\\_\\_described'`,
    )
    assert.equal(rows, [])
  }),
)

test(
  'a column that is gone',
  after(
    'ALTER TABLE shop.orders DROP COLUMN status, DROP COLUMN amount; ALTER TABLE shop.orders ADD COLUMN amout NUMERIC(12, 2)',
    [
      /^problem source\.columns shop\.orders: "orders" has no column "amount", did you mean "amout"\? \(there are customer, ordered_at, known_at, amout\) -> add the column, as decimal\(12, 2\), or correct features\.ts \(orders\)/,
      /^problem source\.columns shop\.orders: "orders" has no column "status".* -> add the column, as string/,
    ],
  ),
)

test(
  'a column of another type',
  after('ALTER TABLE shop.orders ALTER COLUMN amount TYPE TEXT', [
    /^problem source\.columns shop\.orders: column "amount" of "orders" is text, which is not always decimal\(12, 2\) -> change the column's type, or declare what it is in features\.ts \(orders\)/,
  ]),
)

test(
  'statements that cannot be run are named, each with what the server says',
  given(async workspace => {
    await client.query(
      'DROP INDEX shop.meridian__orders__known_at; ALTER TABLE shop.orders ALTER COLUMN known_at TYPE TEXT',
    )
    const findings = await doctor(workspace, environment())
    const failed = findings.filter(({ check, status }) => check === 'statements' && status === 'problem')
    const place = (path: string) => failed.find(finding => finding.place === `generated/postgres/${path}`)
    assert.match(
      place('spending/point_in_time.sql')?.what ?? '',
      /^it cannot be run: operator does not exist: text <= timestamp/,
    )
    assert.ok(place('friends/training.sql') === undefined)
    assert.ok(place('spending/as_buyer.point_in_time.sql'))
    assert.ok(place('lately/lookup.sql'))
    assert.match(failed[0]?.fix ?? '', /change the one or the other, and run meridian build/)
  }),
)

test(
  'a table that is not there',
  after('ALTER TABLE shop.orders RENAME TO bestellungen', [
    /^problem source\.data shop\.orders: source "orders" cannot be read: relation "shop\.orders" does not exist -> make the table, bind the source/,
  ]),
)

test(
  'instants without a time zone, where the server writes local time',
  after('ALTER TABLE shop.orders ALTER COLUMN ordered_at TYPE TIMESTAMP', [
    /^warning source\.zone shop\.orders: ordered_at: without a time zone, so read as UTC; .* time of Asia\/Kathmandu -> .*ALTER TABLE shop\.orders ALTER COLUMN "ordered_at" TYPE TIMESTAMPTZ USING "ordered_at" AT TIME ZONE 'Asia\/Kathmandu';/,
  ]),
)

test(
  'rows that no feature sees',
  after('UPDATE shop.orders SET customer = NULL WHERE amount <= 25; ANALYZE shop.orders', [
    /^warning source\.nulls shop\.orders: customer is null in 25\.0 % of the rows.*a null key matches nothing -> .*ALTER COLUMN "customer" SET NOT NULL/,
  ]),
)

const missingIndex =
  /^problem indexes shop\.orders: there is no index on \(customer, ordered_at DESC, known_at DESC\): without it, training reads the whole table for each of its rows \(lately, spending\) -> CREATE INDEX CONCURRENTLY "meridian__orders__customer__ordered_at__known_at" ON shop\.orders \("customer", "ordered_at" DESC, "known_at" DESC\);$/

test(
  'an index that is missing, and the statement that mends it',
  given(async workspace => {
    await client.query('DROP INDEX shop.meridian__orders__customer__ordered_at__known_at')
    const findings = await doctor(workspace, environment())
    assertComplaints(findings, [noRedis, missingIndex])
    await client.query(findings.find(({ check }) => check === 'indexes')?.fix ?? '')
    assertComplaints(await doctor(workspace, environment()), [noRedis])
  }),
)

test(
  'an index serves by its columns, not by its name',
  given(async workspace => {
    await client.query(`
      DROP INDEX shop.meridian__orders__customer__ordered_at__known_at;
      CREATE INDEX another ON shop.orders (customer, ordered_at, known_at, amount)`)
    assertComplaints(await doctor(workspace, environment()), [noRedis])
    await client.query(`
      DROP INDEX shop.another;
      CREATE INDEX partial ON shop.orders (customer, ordered_at, known_at) WHERE status = 'paid';
      CREATE INDEX mixed ON shop.orders (customer, ordered_at DESC, known_at);
      CREATE INDEX later ON shop.orders (ordered_at DESC, customer, known_at DESC)`)
    assertComplaints(await doctor(workspace, environment()), [noRedis, missingIndex])
  }),
)

test(
  'an index that is not valid, or whose name another has',
  given(async workspace => {
    await client.query('DROP INDEX shop.meridian__orders__customer__ordered_at__known_at')
    await client.query('INSERT INTO shop.orders SELECT * FROM shop.orders LIMIT 1')
    const failing = `CREATE UNIQUE INDEX CONCURRENTLY broken ON shop.orders (customer, ordered_at DESC, known_at DESC)`
    await client.query(failing).catch(() => {})
    const findings = await doctor(workspace, environment())
    assertComplaints(findings, [
      noRedis,
      /^problem indexes shop\.orders: the index broken on \(.*\) is not valid, so that it is not used: .* -> DROP INDEX CONCURRENTLY "shop"\."broken"; CREATE INDEX CONCURRENTLY "meridian__orders__customer/,
    ])
    await client.query(
      `DROP INDEX shop.broken; CREATE INDEX meridian__orders__customer__ordered_at__known_at ON shop.orders (amount)`,
    )
    assertComplaints(await doctor(workspace, environment()), [
      noRedis,
      /the index meridian__orders__customer__ordered_at__known_at is not on \(.* -> DROP INDEX CONCURRENTLY "shop"\."meridian__orders__customer__ordered_at__known_at"; CREATE/,
    ])
  }),
)

test(
  'rights that are missing, each with what grants it',
  given(async workspace => {
    const { pathname } = new URL(database.url)
    const name = pathname.slice(1)
    await client.query(`CREATE ROLE reader LOGIN; CREATE ROLE features LOGIN PASSWORD 'sesame'`)
    try {
      const as = (role: string) => environment(database.url.replace('meridian@', `${role}:sesame@`))
      const grants = async (expected: readonly RegExp[], role = 'features') =>
        assertComplaints(await doctor(workspace, as(role)), [noRedis, ...expected])
      await grants(
        [
          /^problem source\.data shop\.orders: .*permission denied for schema shop -> GRANT USAGE ON SCHEMA shop TO "features";$/,
          ticks,
        ].toReversed(),
      )
      await client.query(
        'GRANT USAGE ON SCHEMA shop TO features; GRANT SELECT (customer, amount) ON shop.orders TO features',
      )
      const findings = await doctor(workspace, as('features'))
      assertComplaints(findings, [
        noRedis,
        ticks,
        /^problem postgres\.rights shop\.orders: features may not read known_at, ordered_at, status of it -> GRANT SELECT \("known_at", "ordered_at", "status"\) ON shop\.orders TO "features";$/,
      ])
      await client.query(findings.find(({ check }) => check === 'postgres.rights')?.fix ?? '')
      await grants([ticks])
      await client.query('CREATE TABLE meridian_ticks (view TEXT); GRANT SELECT ON meridian_ticks TO features')
      await grants([
        /^warning postgres\.ticks meridian_ticks: features lacks INSERT, UPDATE on meridian_ticks: .* -> GRANT INSERT, UPDATE ON meridian_ticks TO "features";$/,
      ])
      await client.query('DROP TABLE meridian_ticks; GRANT CREATE ON SCHEMA public TO features')
      await grants([])
      await client.query(`REVOKE TEMPORARY ON DATABASE ${name} FROM PUBLIC`)
      await grants([
        new RegExp(
          `^problem postgres\\.rights -: the role features may not make temporary tables.* -> GRANT TEMPORARY ON DATABASE "${name}" TO "features";$`,
        ),
      ])
      await client.query(
        `GRANT TEMPORARY ON DATABASE ${name} TO features; ALTER ROLE features SET default_transaction_read_only = on`,
      )
      await grants([
        /^problem postgres\.primary -: sessions of this role are read only -> ALTER ROLE "features" SET default_transaction_read_only = off/,
      ])
      await client.query(`REVOKE CONNECT ON DATABASE ${name} FROM PUBLIC`)
      await grants(
        [/^problem postgres -: Postgres at 127\.0\.0\.1:\d+\/\w+ cannot be reached: permission denied for database/],
        'reader',
      )
    } finally {
      await client.query(
        `GRANT CONNECT ON DATABASE ${name} TO PUBLIC; DROP OWNED BY features, reader; DROP ROLE features, reader`,
      )
    }
  }),
)

const ticks =
  /^warning postgres\.ticks -: there is no table meridian_ticks.*features may not make it in public -> .*GRANT CREATE ON SCHEMA "public" TO "features";$/

test(
  'a server that is paused or gone: an end in time, and no password',
  given(async workspace => {
    const secret = environment(database.url.replace('meridian@', 'meridian:sesame@'))
    server.pause()
    const started = performance.now()
    try {
      assertComplaints(await doctor(workspace, secret), [
        noRedis,
        /^problem postgres -: Postgres at .* cannot be reached: .* -> start it, correct MERIDIAN_POSTGRES_URL/,
      ])
    } finally {
      server.resume()
    }
    assert.ok(performance.now() - started < 15_000)
    await server.kill()
    try {
      const findings = await doctor(workspace, secret)
      assertComplaints(findings, [noRedis, /^problem postgres -: Postgres at .* cannot be reached: .*ECONNREFUSED/])
      assert.not.match(JSON.stringify(findings), /sesame/)
    } finally {
      await server.restart()
    }
    const wrong = await doctor(workspace, environment('postgres://meridian:sesame@[::1'))
    assertComplaints(wrong, [noRedis, /^problem postgres -: the address of Postgres cannot be understood/])
    assert.not.match(JSON.stringify(wrong), /sesame/)
  }),
)

test.run()
