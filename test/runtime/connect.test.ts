import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { build } from 'meridian/compiler'
import { connect } from 'meridian/runtime'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { failure, withShop } from './shop.ts'

const ada = { customer: 'ada', shop: 1 }
const at = '2001-06-15T12:15:00Z'

test(
  'a statement that was edited does not run',
  withShop(async ({ store, folder }) => {
    const path = join(folder, 'generated', 'duckdb', 'order_stats', 'materialize.sql')
    await writeFile(path, `${await readFile(path, 'utf8')}\n`)
    const { details } = await failure('artefacts.changed', () => store.materialize('order_stats', { at }))
    assert.is(details.path, path)
    await rm(path)
    await failure('artefacts.unreadable', () => store.materialize('order_stats', { at }))
  }),
)

test(
  'a codec that was edited is not loaded, nor one that is not there; one of another build is',
  withShop(async ({ folder }) => {
    const generated = join(folder, 'generated')
    const path = join(generated, 'redis', 'order_stats.codec.mjs')
    const text = await readFile(path, 'utf8')
    await writeFile(path, text.replace('? null :', '? 0 :'))
    const { details } = await failure('artefacts.changed', () => connect(generated))
    assert.is(details.path, path)
    await rm(path)
    await failure('artefacts.unreadable', () => connect(generated))
    // The same path again, as after a build in a process that goes on: what was loaded before is not what runs.
    const definitions = join(folder, 'features.ts')
    await writeFile(
      definitions,
      (await readFile(definitions, 'utf8')).replace(
        "count().over('1h')",
        "count().over('1h').default(-1), extra: count()",
      ),
    )
    const built = await build({ root: folder, definitions: 'features.ts', output: 'generated', name: 'shop' })
    assert.equal(built.diagnostics, [])
    const store = await connect(generated)
    try {
      assert.is((await store.view('order_stats').get(ada, { at })).extra, 0)
    } finally {
      await store.close()
    }
  }),
)

test(
  'a folder that is no build, or one of another version',
  withShop(async ({ folder }) => {
    await failure('artefacts.unreadable', () => connect(join(folder, 'nowhere')))
    const path = join(folder, 'generated', 'manifest.json')
    await writeFile(path, JSON.stringify({ ...JSON.parse(await readFile(path, 'utf8')), manifestVersion: 2 }))
    const { message } = await failure('artefacts.unreadable', () => connect(join(folder, 'generated')))
    assert.match(message, 'is of manifest version 2, and this runtime reads 1')
  }),
)

test(
  'an environment that there is none of, and production without addresses',
  withShop(async ({ folder }) => {
    const message = async (environment: string) => {
      process.env.MERIDIAN_ENV = environment
      try {
        return (await failure('environment.unsupported', () => connect(join(folder, 'generated')))).message
      } finally {
        delete process.env.MERIDIAN_ENV
      }
    }
    assert.match(await message('staging'), 'MERIDIAN_ENV is "staging"')
    assert.match(await message('production'), /production needs MERIDIAN_POSTGRES_URL .* and MERIDIAN_REDIS_URL/)
  }),
)

test(
  'a dialect that the build left out',
  withShop(async ({ folder }) => {
    const options = {
      root: folder,
      definitions: 'features.ts',
      output: 'generated',
      name: 'shop',
      dialects: ['postgres'],
    }
    assert.equal((await build(options)).diagnostics, [])
    const { message } = await failure('artefacts.unreadable', () => connect(join(folder, 'generated')))
    assert.match(message, 'was not built for duckdb')
  }),
)

test(
  'a database that cannot be opened',
  withShop(async ({ folder }) => {
    const path = join(folder, 'nowhere', 'data.duckdb')
    const { message } = await failure('database.unavailable', () =>
      connect(join(folder, 'generated'), { duckdb: { path } }),
    )
    assert.match(message, path)
  }),
)

test(
  'sources are read from the root that is given, and a folder may be a URL',
  withShop(async ({ folder }) => {
    const root = join(folder, 'elsewhere')
    await mkdir(root)
    await writeFile(join(root, 'orders.csv'), 'customer,shop,amount,ordered_at\nada,1,77,2001-06-15 12:00:00\n')
    const store = await connect(pathToFileURL(`${join(folder, 'generated')}/`), { root })
    try {
      assert.is((await store.view('order_days').get(ada, { at })).last_or_zero, 77n)
    } finally {
      await store.close()
    }
  }),
)

test(
  'a source that cannot be read says which, and the store goes on',
  withShop(async ({ store, folder }) => {
    await rm(join(folder, 'orders.csv'))
    const { details } = await failure('source.invalid', () => store.view('order_days').get(ada, { at }))
    assert.is(details.source, 'orders')
    await writeFile(join(folder, 'orders.csv'), 'customer,shop,amount,ordered_at\nada,1,5,2001-06-15 12:00:00\n')
    assert.is((await store.view('order_days').get(ada, { at })).last_or_zero, 5n)
  }),
)

test.run()
