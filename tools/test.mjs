/**
 * Runs the tests: `npm test`, or `npm test -- golden` for the files whose path contains `golden`.
 *
 * The last line is `N passed, N failed`. A run of nothing, and a run that ends before its totals, are failures.
 */
import { spawn, spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const uvu = join('node_modules', 'uvu', 'bin.js')

if (existsSync(join(root, uvu)) || install()) run(process.argv[2] ?? '')
else finish(0, 1)

function install() {
  return spawnSync('npm', ['ci'], { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] }).status === 0
}

function run(filter) {
  const path = filter.replace(/^(\.\/)?test\//, '').replace(/\.test\.ts$/, '')
  const pattern = `${path.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}.*\\.test\\.ts$`
  // uvu colours its output unless told not to.
  const color = process.stdout.isTTY ? [] : ['--no-color']
  const preload = pathToFileURL(join(root, 'tools', 'uvu-preload.mjs')).href
  const node = ['--import', 'tsx', '--import', preload, '--conditions', 'meridian-source']
  const child = spawn(process.execPath, [...node, uvu, ...color, 'test', pattern], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let output = ''
  child.stdout.setEncoding('utf8').on('data', chunk => {
    process.stdout.write(chunk)
    output += chunk
  })
  child.on('close', code => {
    const passed = lastCount(output, 'Passed')
    const failed = lastCount(output, 'Total') - passed
    finish(passed, failed === 0 && (code !== 0 || passed === 0) ? 1 : failed)
  })
}

/** uvu prints its totals last; a test may have printed the same word before. */
function lastCount(output, name) {
  return Number([...output.matchAll(new RegExp(`^.*${name}:\\s+(\\d+)`, 'gm'))].at(-1)?.[1] ?? 0)
}

function finish(passed, failed) {
  console.log(`${passed} passed, ${failed} failed`)
  process.exitCode = failed > 0 ? 1 : 0
}
