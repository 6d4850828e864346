/**
 * Makes dist/: the JavaScript and the declarations of dsl, compiler, runtime, testing and cli, with the templates beside them.
 *
 * All is made in a folder of its own and then put in place at once: nobody sees half of it, and nothing stale stays.
 */
import { spawnSync } from 'node:child_process'
import { chmodSync, cpSync, existsSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const fresh = join(root, 'node_modules', `.meridian-dist-${process.pid}`)
const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc')

if (!existsSync(tsc)) {
  console.error('TypeScript is not installed. It is a development dependency: run npm ci without --omit=dev.')
  process.exit(1)
}

const { status } = spawnSync(process.execPath, [tsc, '-p', 'tsconfig.build.json', '--outDir', fresh], {
  cwd: root,
  stdio: ['ignore', 'inherit', 'inherit'],
})
if (status !== 0) {
  rmSync(fresh, { recursive: true, force: true })
  process.exit(1)
}

for (const folder of ['compiler', 'cli'])
  for (const path of readdirSync(join(root, folder), { recursive: true }).map(String)) {
    if (path.endsWith('.hbs')) cpSync(join(root, folder, path), join(fresh, folder, path))
  }
const command = join(fresh, 'cli', 'main.js')
if (existsSync(command)) chmodSync(command, 0o755)

const dist = join(root, 'dist')
rmSync(dist, { recursive: true, force: true })
renameSync(fresh, dist)
