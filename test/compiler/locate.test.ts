import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { entity, source, t } from 'meridian'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { loadDefinitions } from '../../compiler/load/evaluate.ts'
import { createLocator, type Locator } from '../../compiler/load/locate.ts'

const sources = `import { entity, source, t } from 'meridian'
/** An airport. */
export const airport = entity('airport', {
  joinKeys: {
    /** IATA code. */
    origin: t.string(),
  },
})
const hidden = source('landings', {
  columns: { origin: t.string(), delay: t.int32(), landed_at: t.timestamp() },
  eventTimestamp: 'landed_at',
  tieBreak: ['origin', 'delay'],
} as const)
export const getHidden = () => hidden
`
const features = `import { featureService, featureView } from 'meridian'
import { airport, getHidden } from './sources.ts'
export { airport as place } from './sources.ts'

/**
 * Delays of an origin.
 * In two lines.
 *
 * @example never shown
 */
export const originStats = featureView('origin_stats', {
  entity: airport,
  source: getHidden(),
  ttl: ('7d'),
  'refresh': '5m',
  features({ count, last, ratio }) {
    const shared = count()
    return {
      /** Late flights. */
      late: ratio(count().where(row => row.delay.gt(15)).over('2h'), count('origin').over('3h')).default(0),
      last_delay: last(row => row['delay'].plus(1.5)),
      shared,
    }
  },
})
export const alias = originStats
const inner = featureService('svc', [originStats])
export { inner as service }
export default featureService('other', [originStats])
`

const files: Readonly<Record<string, string>> = { 'features.ts': features, 'sources.ts': sources }
const root = mkdtempSync(join(tmpdir(), 'meridian-locate-'))
for (const [name, text] of Object.entries(files)) writeFileSync(join(root, name), text)
test.after(() => rmSync(root, { recursive: true }))

let locator: Locator
test.before(async () => {
  locator = await createLocator(root, Object.keys(files))
})

/** The characters of a place. */
function text(file: string, symbol: string, ...path: readonly string[]): string | null {
  const place = locator.place({ file, symbol }, path)
  return place && files[file]!.slice(place.start, place.end)
}

const places: readonly [string, readonly string[]][] = [
  ['originStats', []],
  ["'origin_stats'", ['name']],
  ["'7d'", ['ttl']],
  ["'5m'", ['refresh']],
  ['getHidden()', ['source']],
  ['originStats', ['offset']],
  ['late', ['features', 'late']],
  ["count().where(row => row.delay.gt(15)).over('2h')", ['features', 'late', 'numerator']],
  ['row => row.delay.gt(15)', ['features', 'late', 'numerator', 'where']],
  ['delay', ['features', 'late', 'numerator', 'where', 'column:delay']],
  ['gt', ['features', 'late', 'numerator', 'where', 'method@1/1:gt']],
  ['count', ['features', 'late', 'numerator', 'value']],
  ["'2h'", ['features', 'late', 'numerator', 'over']],
  ["'3h'", ['features', 'late', 'denominator', 'over']],
  ["'origin'", ['features', 'late', 'denominator', 'value']],
  ["'origin'", ['features', 'late', 'column:origin']],
  ['0', ['features', 'late', 'default']],
  ["'delay'", ['features', 'last_delay', 'value', 'column:delay']],
  ['1.5', ['features', 'last_delay', 'value', 'literal@1/1:1.5']],
  ["row => row['delay'].plus(1.5)", ['features', 'last_delay', 'value', 'column:nothing']],
  ['shared', ['features', 'shared', 'over']],
]

for (const [expected, path] of places) {
  test(`locate: ${path.join(' ') || 'a definition'}`, () => {
    assert.is(text('features.ts', 'originStats', ...path), expected)
  })
}

test('locate: lines and columns count from 1', () => {
  const place = locator.place({ file: 'features.ts', symbol: 'originStats' }, ['ttl'])
  assert.is(place?.line, 14)
  assert.is(place?.column, 9)
})

test('locate: sources, entities and services', () => {
  assert.is(text('sources.ts', 'airport', 'joinKeys', 'origin'), 'origin')
  assert.is(text('sources.ts', 'hidden', 'columns', 'delay'), 'delay')
  assert.is(text('sources.ts', 'hidden', 'columns', 'delay', 'type'), 't.int32()')
  assert.is(text('sources.ts', 'hidden', 'tieBreak', '1'), "'delay'")
  assert.is(text('features.ts', 'inner', 'views', '0'), 'originStats')
  assert.is(text('features.ts', 'service', 'name'), "'svc'")
  assert.is(text('features.ts', 'default', 'name'), "'other'")
  assert.is(text('features.ts', 'alias', 'ttl'), "'7d'")
  assert.is(text('features.ts', 'nowhere'), null)
  assert.is(text('nowhere.ts', 'originStats'), null)
})

test('locate: documentation is that of the part itself, without tags', () => {
  const doc = (file: string, symbol: string, ...path: readonly string[]) => locator.doc({ file, symbol }, path)
  assert.is(doc('features.ts', 'originStats'), 'Delays of an origin.\nIn two lines.')
  assert.is(doc('features.ts', 'originStats', 'features', 'late'), 'Late flights.')
  assert.is(doc('features.ts', 'originStats', 'features', 'last_delay'), null)
  assert.is(doc('features.ts', 'originStats', 'features', 'nothing'), null)
  assert.is(doc('sources.ts', 'airport'), 'An airport.')
  assert.is(doc('sources.ts', 'airport', 'joinKeys', 'origin'), 'IATA code.')
  assert.is(doc('sources.ts', 'hidden'), null)
})

test('locate: the variable of what is not exported', () => {
  const landings = source('landings', { columns: { at: t.timestamp() }, eventTimestamp: 'at' })
  assert.equal(locator.find(landings), { file: 'sources.ts', symbol: 'hidden' })
  assert.is(locator.find(entity('landings', { joinKeys: { id: t.string() } })), null)
})

test('load: definitions are at the file that declares them, sources in use come along', async () => {
  const { definitions, inputs, diagnostics } = await loadDefinitions({ root, entry: './features.ts' })
  assert.equal(diagnostics, [])
  assert.equal(inputs, ['features.ts', 'sources.ts'])
  const found = definitions.map(({ definition, file, symbol }) => `${definition.name} ${file} ${symbol}`)
  assert.equal(found.sort(), [
    'airport sources.ts airport',
    'landings sources.ts hidden',
    'origin_stats features.ts alias',
    'other features.ts default',
    'svc features.ts service',
  ])
})

test.run()
