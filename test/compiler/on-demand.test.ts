/** Functions of on-demand views, compiled: what becomes of them, and what their fingerprints cover. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { type BuildOptions, build, type Compiled, compare, compile } from 'meridian/compiler'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { Manifest } from '../../runtime/contract.ts'

/** One engine does, since functions are the same for all. */
const dialects = ['duckdb']

const files = {
  'features.ts': `
import { entity, featureView, onDemandFeatureView, source, t } from 'meridian'
import rates from './rates.json'
import { scaled } from './scale.ts'

export const user = entity('user', { joinKeys: { user_id: t.int64() } })
export const payments = source('payments', {
  columns: { user_id: t.int64(), amount: t.float64(), paid_at: t.timestamp() },
  eventTimestamp: 'paid_at',
})
export const stats = featureView('stats', {
  entity: user,
  source: payments,
  features: ({ avg, count }) => ({ payments_1d: count().over('1d'), mean_1d: avg('amount').over('1d') }),
})

const limit = 10

/** How unusual a payment is. */
export const risk = onDemandFeatureView('risk', {
  request: { amount: t.float64() },
  inputs: { stats: stats.pick('mean_1d') },
  features: ({ feature }) => ({
    /** Against the mean. */
    against_mean: feature(t.float64(), ({ request, stats: { mean_1d } }) => scaled(request.amount) / (mean_1d ?? limit)),
    rate: feature(t.float64(), ({ request }) => request.amount * rates.card).default(0),
  }),
})
`,
  'scale.ts': `
const factors = new Map<string, number>()
factors.set('usual', 2)
const factor = (): number => factors.get('usual') ?? 1

/** Twice as much. */
export function scaled(amount: number): number {
  return amount * factor()
}

export const unused = (): number => Date.now()
`,
  'rates.json': '{ "card": 0.5, "other": 1 }',
}

type Files = Readonly<Record<keyof typeof files | 'other.ts', string>>

interface Context {
  root: string
  options: BuildOptions
}

const test = suite<Context>('on-demand')

test.before.each(context => {
  context.root = mkdtempSync(join(tmpdir(), 'meridian-on-demand-'))
  context.options = { root: context.root, definitions: 'features.ts', output: 'generated', name: 'shop', dialects }
})
test.after.each(({ root }) => rmSync(root, { recursive: true }))

function write(root: string, changed: Partial<Files> = {}): void {
  for (const [name, text] of Object.entries({ ...files, ...changed })) writeFileSync(join(root, name), text)
}

async function compiled({ root, options }: Context, changed: Partial<Files> = {}): Promise<Compiled> {
  write(root, changed)
  const result = await compile(options)
  assert.equal(
    result.diagnostics.map(({ message }) => message),
    [],
  )
  return result
}

const textOf = ({ artefacts }: Compiled, path: string): string => artefacts.find(file => file.path === path)?.text ?? ''

function viewOf(result: Compiled) {
  const view = (JSON.parse(textOf(result, 'manifest.json')) as Manifest).onDemandViews.risk
  assert.ok(view)
  return view
}

const replaced = (file: keyof typeof files, from: string, to: string): Partial<Files> => {
  assert.ok(files[file].includes(from), from)
  return { [file]: files[file].replace(from, to) }
}

test('what functions use is emitted, and nothing else', async context => {
  const text = textOf(await compiled(context), 'on-demand.mjs')
  assert.match(text, 'factors.set("usual", 2)')
  assert.match(text, '// scale.ts')
  assert.not.match(text, /unused|payments|import /)
})

test('a table that a function fills at the top is emitted with what fills it', async context => {
  const scale = `
const factors = new Map<string, number>()
const names: string[] = []
function fill(): void { add('usual', 4) }
const add = (name: string, factor: number): void => { factors.set(name, factor); names.push(name) }
const check = (): void => { if (limits.length > 9) throw new Error('too many') }
const limits = [1]
fill()
check()
export const scaled = (amount: number): number => amount * (factors.get('usual') ?? 1)
`
  const result = await compiled(context, { 'scale.ts': scale })
  const text = textOf(result, 'on-demand.mjs')
  assert.match(text, '\nfill();\n')
  assert.not.match(text, 'limits')
  await build(context.options)
  const module = await import(pathToFileURL(join(context.root, 'generated/on-demand.mjs')).href)
  assert.is(module.risk.against_mean({ request: { amount: 10 }, stats: { mean_1d: 1 } }), 40)
})

test('packages are part of the module', async context => {
  const folder = join(context.root, 'node_modules/tiny')
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'package.json'), '{ "name": "tiny", "type": "module", "exports": "./tiny.js" }')
  writeFileSync(
    join(folder, 'tiny.js'),
    'const one = 1\nexport const plusOne = n => n + one\nexport const other = () => 2\n',
  )
  const features = files['features.ts'].replace('request.amount * rates.card', 'plusOne(request.amount) * rates.card')
  const result = await compiled(context, { 'features.ts': `import { plusOne } from 'tiny'\n${features}` })
  const text = textOf(result, 'on-demand.mjs')
  assert.match(text, '// tiny/tiny.js\nvar one = 1;\nvar plusOne = (n) => n + one;\n')
  assert.not.match(text, context.root)
})

test('emitted functions run by themselves', async context => {
  write(context.root)
  await build(context.options)
  const module = await import(pathToFileURL(join(context.root, 'generated/on-demand.mjs')).href)
  const given = { request: { amount: 10 }, stats: { mean_1d: null }, now: new Date(0), random: () => 0 }
  assert.is(module.risk.against_mean(given), 2)
  assert.is(module.risk.rate(given), 5)
})

test('code that keeps nothing and reads nothing else is fine, whatever it looks like', async context => {
  const helpers = `
export namespace Deep { export const three = 3 }
export enum Kind { One = 'one', Two = 'two' }
export const squares: number[] = []
for (let n = 0; n < 4; n += 1) squares.push(n * n)
export const table = Object.freeze(Object.fromEntries([['a', 1]]))
/** Made anew by each call. */
export function counter() {
  let n = 0
  const seen = new Set<number>()
  return { next: () => { n += 1; seen.add(n); return n + seen.size } }
}
export function grouped(words: readonly string[]) {
  const out: Record<string, number> = {}
  words.forEach(word => { out[word] = (out[word] ?? 0) + 1 })
  const walk = (n: number): void => { if (n > 0) { out.deep = n; walk(n - 1) } }
  walk(2)
  return out
}
export class Meter { #n = 0; parts: number[] = []; add() { this.#n++; this.parts.push(1); return this.#n } }
export function* naturals(n: number) { for (let i = 0; i < n; i += 1) yield i }
export const decimals = { add: (a: number, b: number) => a + b, set: new Set([1]) }
export const late = /late/
`
  const functions = `
import * as m from 'meridian'
import { counter, Deep, decimals, grouped, Kind, late, Meter, naturals, squares, table } from './other.ts'
const byName = ({ request }: { readonly request: { readonly amount: number } }) => request.amount * 2
function hoisted(input: { readonly request: { readonly amount: number } }): number { return input.request.amount }
export const fine = m.onDemandFeatureView('fine', {
  request: { amount: m.t.float64(), name: m.t.string(), tags: m.t.list(m.t.string()) },
  features: words => ({
    named: words.feature(m.t.float64(), byName),
    hoisted: words.feature(m.t.float64(), hoisted).default(3),
    class: words.feature(m.t.int32(), () => new Meter().add() + Deep.three + (squares[2] ?? 0) + (table.a ?? 0)),
    counted: words.feature(m.t.int32(), () => counter().next()),
    grouped: words.feature(m.t.json(), ({ request: { tags } }) => grouped(tags)),
    sorted: words.feature(m.t.list(m.t.string()), ({ request }) => [...request.tags].sort()),
    sum: words.feature(m.t.int32(), () => { let sum = 0; for (const n of naturals(3)) sum += n; return decimals.add(sum, 1) }),
    regex: words.feature(m.t.boolean(), ({ request: { name } }) => /^a/g.test(name) || late.test(name)),
    labels: words.feature(m.t.int32(), () => { outer: for (const a of [1]) for (const b of [2]) if (b > a) continue outer; return 1 }),
    caught: words.feature(m.t.int32(), () => { try { return JSON.parse('1') } catch (e) { return e instanceof Error ? 1 : 0 } }),
    kind: words.feature(m.t.boolean(), ({ request: { name } }) => name === Kind.One),
    dated: words.feature(m.t.timestamp(), ({ now }) => new Date(now.getTime() + Date.UTC(1970, 0, 2))),
    accumulated: words.feature(m.t.int32(), ({ request }) => {
      const { amount } = request
      let total = amount
      total += 1
      const add = (n: number) => { total += n }
      ;[1, 2].forEach(add)
      return Math.round(total)
    }),
  }),
})
`
  await compiled(context, { 'features.ts': functions, 'other.ts': helpers })
})

test('a changed function, helper, table or input changes the fingerprint', async context => {
  const before = viewOf(await compiled(context))
  const changes = [
    replaced('features.ts', 'scaled(request.amount) /', 'scaled(request.amount) -'),
    replaced('features.ts', 'const limit = 10', 'const limit = 11'),
    replaced('features.ts', "stats.pick('mean_1d')", "stats.pick('mean_1d', 'payments_1d')"),
    replaced(
      'features.ts',
      "stats.pick('mean_1d')",
      "stats.pick('mean_1d').as('a', { joinKeys: { user_id: 'other' } })",
    ),
    replaced('features.ts', 'request: { amount: t.float64() }', 'request: { amount: t.float64(), more: t.int32() }'),
    replaced('scale.ts', '?? 1', '?? 3'),
    replaced('scale.ts', "set('usual', 2)", "set('usual', 3)"),
    replaced('rates.json', '0.5', '0.6'),
  ]
  for (const change of changes) {
    const after = viewOf(await compiled(context, change))
    assert.is.not(after.fingerprint, before.fingerprint, JSON.stringify(change))
    assert.is(after.metadataFingerprint, before.metadataFingerprint, JSON.stringify(change))
  }
})

test('comments, names of variables and what is not used change nothing', async context => {
  const before = viewOf(await compiled(context))
  const other = 'const factor = 3\nconst limit = 4\nexport const doubled = (n: number): number => n * factor * limit\n'
  const useless = `import { doubled } from './other.ts'\nimport { when } from 'meridian'`
  const beside = `export const beside = onDemandFeatureView('beside', {
    request: { amount: t.float64() },
    features: ({ feature }) => ({ doubled: feature(t.float64(), ({ request }) => doubled(request.amount)) }),
  })`
  const features = files['features.ts']
  const changes: Partial<Files>[] = [
    replaced('scale.ts', '/** Twice as much. */', '// Otherwise.\n\n'),
    replaced('features.ts', '=> scaled(', '=>\n // why\n scaled('),
    replaced('scale.ts', 'const factor = (): number => factors', 'const factor = (): number => /* all */ factors'),
    { 'scale.ts': files['scale.ts'].replaceAll('factor()', 'twice()').replace('const factor =', 'const twice =') },
    // Of two variables with one name the bundler renames one.
    { 'other.ts': other, 'features.ts': `${useless}\n${features}\n${beside}\nexport const same = when` },
    { 'features.ts': `const unrelated = [1, 2].map(n => n * 2)\n${features}\nexport const more = unrelated` },
  ]
  for (const change of changes) {
    const after = viewOf(await compiled(context, change))
    assert.is(after.fingerprint, before.fingerprint, JSON.stringify(change))
    assert.is(after.metadataFingerprint, before.metadataFingerprint, JSON.stringify(change))
  }
})

test('documentation and defaults are metadata', async context => {
  const before = viewOf(await compiled(context))
  for (const change of [
    replaced('features.ts', 'How unusual a payment is.', 'How it is.'),
    replaced('features.ts', 'default(0)', 'default(1)'),
  ]) {
    const after = viewOf(await compiled(context, change))
    assert.is(after.fingerprint, before.fingerprint)
    assert.is.not(after.metadataFingerprint, before.metadataFingerprint)
  }
})

test('a changed helper makes the module of functions stale', async context => {
  write(context.root)
  await build(context.options)
  write(context.root, replaced('scale.ts', '?? 1', '?? 3'))
  const { changes } = await compare(context.options)
  assert.equal(
    changes.map(({ path, kind }) => `${kind} ${path}`),
    ['stale manifest.json', 'stale on-demand.mjs'],
  )
})

test.run()
