/**
 * Runs the tests: `npm test`, or `npm test -- golden` for the files whose path contains `golden`.
 *
 * The last line is `N passed, N failed`. A run of nothing, and a run that ends before its totals, are failures.
 */
import { spawn, spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const [filter = ''] = process.argv.slice(2)

if (!existsSync(join(root, 'node_modules', 'uvu'))) {
  const { status } = spawnSync('npm', ['ci'], { cwd: root, stdio: ['ignore', 'inherit', 'inherit'], shell: false })
  if (status !== 0) finish(0, 1)
}

const literal = filter
  .replace(/^(\.\/)?test\//, '')
  .replace(/\.test\.ts$/, '')
  .replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
const uvu = join('node_modules', 'uvu', 'bin.js')
const run = spawn(
  process.execPath,
  ['--import', 'tsx', '--conditions', 'meridian-source', uvu, 'test', `${literal}.*\\.test\\.ts$`],
  {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...(process.stdout.isTTY && { FORCE_COLOR: '1' }), ...process.env },
  },
)

let output = ''
run.stdout.setEncoding('utf8').on('data', chunk => {
  process.stdout.write(chunk)
  output += chunk
})
run.on('close', code => {
  const count = name => {
    const found = [...output.matchAll(new RegExp(`^.*${name}:\\s+(\\d+)`, 'gm'))].at(-1)
    return found ? Number(found[1]) : null
  }
  const passed = count('Passed') ?? 0
  const failed = (count('Total') ?? 0) - passed
  finish(passed, failed === 0 && (code !== 0 || passed === 0) ? 1 : failed)
})

function finish(passed, failed) {
  process.stdout.write(`${passed} passed, ${failed} failed\n`, () => process.exit(failed > 0 ? 1 : 0))
}
