/** What a build does to the generated folder: only its own bytes, all of them or none. */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type BuildOptions, build, compare, compile } from 'meridian/compiler'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'

const definitions = (view: string, column = 'amount'): string => `
import { entity, featureService, featureView, source, t } from 'meridian'
export const user = entity('user', { joinKeys: { user_id: t.int64() } })
export const payments = source('payments', {
  columns: { user_id: t.int64(), amount: t.decimal(12, 2), paid_at: t.timestamp() },
  eventTimestamp: 'paid_at',
})
export const stats = featureView('${view}', {
  entity: user,
  source: payments,
  features: ({ count, sum }) => ({ payments_1d: count().over('1d'), paid_1d: sum('${column}').over('1d') }),
})
export const model = featureService('model', [stats])
`

interface Context {
  root: string
  options: BuildOptions
}

const test = suite<Context>('output')

test.before.each(context => {
  context.root = mkdtempSync(join(tmpdir(), 'meridian-output-'))
  context.options = { root: context.root, definitions: 'features.ts', output: 'generated', name: 'shop' }
  define(context, definitions('stats'))
})
test.after.each(({ root }) => rmSync(root, { recursive: true }))

function define({ root }: Context, text: string): void {
  writeFileSync(join(root, 'features.ts'), text)
}

function generated({ root }: Context, path: string): string {
  return join(root, 'generated', path)
}

function filesOf(context: Context): Record<string, string> {
  const folder = generated(context, '.')
  if (!existsSync(folder)) return {}
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter(entry => entry.isFile())
  const paths = files.map(entry => join(entry.parentPath, entry.name)).sort()
  return Object.fromEntries(paths.map(path => [path.slice(folder.length + 1), readFileSync(path, 'utf8')]))
}

async function built({ options }: Context) {
  const result = await build(options)
  assert.equal(result.diagnostics, [])
  return result
}

const kinds = (changes: readonly { path: string; kind: string }[]): string[] =>
  changes.map(({ path, kind }) => `${kind} ${path}`)

test('two builds are equal byte for byte, wherever the project lies', async context => {
  await built(context)
  const first = filesOf(context)
  rmSync(generated(context, '.'), { recursive: true })
  await built(context)
  assert.equal(filesOf(context), first)

  const elsewhere = mkdtempSync(join(tmpdir(), 'meridian-elsewhere-'))
  try {
    const moved = { root: elsewhere, options: { ...context.options, root: elsewhere } }
    define(moved, definitions('stats'))
    await built(moved)
    assert.equal(filesOf(moved), first)
  } finally {
    rmSync(elsewhere, { recursive: true })
  }
})

test('the files written are the artefacts, and the manifest lists the others', async context => {
  const { artefacts, changes } = await built(context)
  assert.equal(filesOf(context), Object.fromEntries(artefacts.map(({ path, text }) => [path, text])))
  assert.ok(changes.every(({ kind }) => kind === 'missing'))
  const manifest = JSON.parse(readFileSync(generated(context, 'manifest.json'), 'utf8'))
  const listed = [...Object.keys(manifest.artefacts), 'manifest.json'].sort()
  assert.equal(listed, Object.keys(filesOf(context)))
})

test('a build that changes nothing writes nothing', async context => {
  await built(context)
  const before = statSync(generated(context, 'manifest.json'))
  const { changes } = await built(context)
  assert.equal(changes, [])
  assert.is(statSync(generated(context, 'manifest.json')).ino, before.ino)
})

test('a build with errors writes nothing', async context => {
  define(context, definitions('stats', 'amonut'))
  const fresh = await build(context.options)
  assert.equal(
    fresh.diagnostics.map(({ code }) => code),
    ['name.unknown-column'],
  )
  assert.equal([fresh.changes, fresh.artefacts, filesOf(context)], [[], [], {}])

  define(context, definitions('stats'))
  await built(context)
  const before = filesOf(context)
  define(context, definitions('renamed', 'amonut'))
  assert.equal((await build(context.options)).changes, [])
  assert.equal(filesOf(context), before)
})

test('compile and compare write nothing', async context => {
  const { artefacts } = await compile(context.options)
  const { changes } = await compare(context.options)
  assert.equal(kinds(changes), artefacts.map(({ path }) => `missing ${path}`).sort())
  assert.equal(filesOf(context), {})
})

test('files that the last manifest lists and this build does not make are deleted, with empty folders', async context => {
  await built(context)
  const old = Object.keys(filesOf(context)).filter(path => path.includes('stats'))
  assert.ok(old.length > 0)
  define(context, definitions('totals'))
  const { artefacts, changes } = await built(context)
  assert.equal(
    changes.filter(({ kind }) => kind === 'orphan').map(({ path }) => path),
    old,
  )
  assert.equal(Object.keys(filesOf(context)), artefacts.map(({ path }) => path).sort())
  assert.not.ok(existsSync(generated(context, 'duckdb/stats')))
})

test("files that are not Meridian's are kept, and compare names them", async context => {
  await built(context)
  writeFileSync(generated(context, 'README.md'), 'ours')
  writeFileSync(generated(context, 'duckdb/stats/notes.sql'), 'ours too')
  define(context, definitions('totals'))
  await built(context)
  assert.is(readFileSync(generated(context, 'README.md'), 'utf8'), 'ours')
  assert.is(readFileSync(generated(context, 'duckdb/stats/notes.sql'), 'utf8'), 'ours too')
  const { changes } = await compare(context.options)
  assert.equal(kinds(changes), ['orphan README.md', 'orphan duckdb/stats/notes.sql'])
})

test('a path in a manifest that leaves the folder is never deleted', async context => {
  await built(context)
  const outside = join(context.root, 'precious.txt')
  mkdirSync(join(context.root, 'generated-too'))
  const beside = join(context.root, 'generated-too', 'precious.txt')
  for (const path of [outside, beside]) writeFileSync(path, 'keep')
  const path = generated(context, 'manifest.json')
  const manifest = JSON.parse(readFileSync(path, 'utf8'))
  const hostile = ['../precious.txt', outside, 'duckdb/../../precious.txt', '../generated-too/precious.txt', '..']
  for (const entry of hostile) manifest.artefacts[entry] = '0'
  writeFileSync(path, JSON.stringify(manifest))

  define(context, definitions('totals'))
  const { artefacts } = await built(context)
  for (const kept of [outside, beside]) assert.is(readFileSync(kept, 'utf8'), 'keep')
  assert.equal(Object.keys(filesOf(context)), artefacts.map(({ path }) => path).sort())
})

test('a damaged manifest deletes nothing and is replaced', async context => {
  const { artefacts } = await built(context)
  writeFileSync(generated(context, 'manifest.json'), '<<<<<<< HEAD')
  const { changes } = await built(context)
  assert.equal(kinds(changes), ['stale manifest.json'])
  assert.is(
    readFileSync(generated(context, 'manifest.json'), 'utf8'),
    artefacts.find(({ path }) => path === 'manifest.json')?.text,
  )
})

test('an edited and a lost file are made again', async context => {
  await built(context)
  const before = filesOf(context)
  writeFileSync(generated(context, 'index.ts'), '// mine now')
  rmSync(generated(context, 'duckdb/model/training.sql'))
  assert.equal(kinds((await compare(context.options)).changes), ['missing duckdb/model/training.sql', 'stale index.ts'])
  await built(context)
  assert.equal(filesOf(context), before)
})

test.run()
