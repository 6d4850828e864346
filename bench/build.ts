/** `meridian build` as a whole process, for both dialects: the example and a thousand views of ten features; first, cold and unchanged. */
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { median } from './measure.ts'

const kinds = [
  "count().over('1h')",
  "sum('amount').over('1d')",
  "last('kind')",
  "max('score').over('2h')",
  "count().where(row => row.kind.eq('a')).over('7d')",
  "avg('amount').over('30d')",
  "ratio(count().where(row => row.score.gt(1)).over('1d'), count().over('1d'))",
  "last('amount').default('0')",
  'count()',
  "avg('score').over('1d')",
]
const views = Array.from({ length: 1000 }, (_, view) => {
  const features = kinds.map((kind, index) => `  /** Feature ${index}. */\n  f${view}_${index}: ${kind},`)
  return `/** View ${view}. */
export const view${view} = featureView('view_${view}', { entity: user, source: events, ttl: '7d', refresh: '5m', materialize: true,
  features: ({ avg, count, last, max, ratio, sum }) => ({
${features.join('\n')}
}) })`
})
mkdirSync('data/bench/thousand', { recursive: true })
writeFileSync(
  'data/bench/thousand/features.ts',
  `import { entity, featureView, source, t } from 'meridian'
export const user = entity('user', { joinKeys: { user_id: t.int64() } })
export const events = source('events', {
  columns: { user_id: t.int64(), amount: t.decimal(12, 2), score: t.float64(), kind: t.string(), at: t.timestamp(), id: t.int64() },
  eventTimestamp: 'at', tieBreak: ['id'],
})
${views.join('\n')}
`,
)
writeFileSync(
  'data/bench/thousand/meridian.config.ts',
  `import { defineConfig } from 'meridian'
export default defineConfig({ name: 'thousand', definitions: 'features.ts', output: 'generated' })
`,
)

/** Forgets what was verified before: what a build costs on a machine that never built the project. */
function forget(): void {
  for (const cache of [
    'node_modules/.cache/meridian',
    'data/bench/thousand/node_modules/.cache/meridian',
    join(tmpdir(), 'meridian'),
  ])
    if (existsSync(cache))
      for (const file of readdirSync(cache)) if (file.endsWith('.verified.json')) rmSync(join(cache, file))
}

function time(title: string, args: readonly string[], runs: number, before: () => void = () => {}): void {
  const seconds = Array.from({ length: runs }, () => {
    before()
    const started = performance.now()
    const { status, stderr } = spawnSync(process.execPath, ['dist/cli/main.js', 'build', ...args], { encoding: 'utf8' })
    if (status !== 0) throw new Error(stderr)
    return (performance.now() - started) / 1000
  })
  console.log(`${title.padEnd(46)} median ${median(seconds).toFixed(2)} s`)
}

const flights = ['--project', 'flights']
const thousand = ['--config', 'data/bench/thousand/meridian.config.ts']
const manifest = () =>
  createHash('sha256').update(readFileSync('data/bench/thousand/generated/manifest.json')).digest('hex')
spawnSync(process.execPath, ['tools/compile.mjs'], { stdio: 'inherit' })
time('the flights example, nothing verified before', [...flights, '--force'], 5, forget)
time('the flights example, cold', [...flights, '--force'], 5)
time('the flights example, unchanged', flights, 5)
time('1,000 views x 10 features, nothing verified before', [...thousand, '--force'], 3, forget)
time('1,000 views x 10 features, cold', [...thousand, '--force'], 3)
const first = manifest()
time('1,000 views x 10 features, unchanged', thousand, 3)
time('1,000 views x 10 features, once more', [...thousand, '--force'], 1)
// The manifest holds a hash of every file.
console.log(`emission from run to run: ${first === manifest() ? 'byte-identical' : 'DIFFERENT'}`)
