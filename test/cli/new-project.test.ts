/** A new project as README.md begins one, in an empty folder: the package is packed, installed and run as it would be published. */
import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { filesIn, type Outcome } from './command.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
/** Without what `npm test` says of itself. */
const plain = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('npm_')))
const env = { ...plain, npm_config_prefer_offline: 'true', CI: '', NODE_ENV: '' }

/** Runs a line of shell there. */
async function sh(command: string, cwd: string, more: Readonly<Record<string, string>> = {}): Promise<Outcome> {
  const options = { cwd, env: { ...env, ...more }, maxBuffer: 1e8, timeout: 120_000 }
  try {
    return { code: 0, ...(await promisify(execFile)('bash', ['-e', '-c', command], options)) }
  } catch (error) {
    const { code, stdout, stderr } = error as Outcome
    return { code, stdout, stderr }
  }
}

async function mustRun(command: string, cwd: string, more: Readonly<Record<string, string>> = {}): Promise<Outcome> {
  const outcome = await sh(command, cwd, more)
  assert.is(outcome.code, 0, `${command}\n${outcome.stdout}\n${outcome.stderr}`)
  return outcome
}

/** The commands of a workflow, in their order. */
function commandsOf(workflow: string): readonly string[] {
  const steps = workflow.split('\n').flatMap(line => /^ {6}- run: (.+)$/.exec(line)?.[1] ?? [])
  const block = /\n {8}run: \|\n((?: {10}.*\n)+)/.exec(workflow)?.[1] ?? ''
  return [...steps, block.replaceAll(/^ {10}/gm, '')]
}

let folder: string
let tarball: string

test.before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'meridian-init-'))
  const { stdout } = await mustRun(`npm pack --silent --pack-destination '${folder}'`, root)
  tarball = join(folder, stdout.trim().split('\n').at(-1) as string)
})

test.after(() => rm(folder, { recursive: true, force: true }))

test('from an empty folder to green CI on a changed feature', async () => {
  const shop = join(folder, 'shop')
  const started = performance.now()
  const command = `${process.execPath} --import ${import.meta.resolve('tsx')} -C meridian-source ${root}/cli/main.ts`
  const { stdout, stderr } = await mustRun(`${command} init shop --meridian ${tarball}`, folder)
  assert.is(stdout, '')
  assert.match(stderr, /^created shop\/features\.ts$/m)
  assert.match(stderr, /next:\n {2}cd shop\n {2}npm run train {2}training\.parquet/)

  assert.match((await mustRun('npm run train', shop)).stdout, /^1235 rows in training\.parquet\n/m)
  const served = await mustRun('npm run serve', shop)
  const seconds = (performance.now() - started) / 1000
  console.log(`\nfrom an empty folder to served in ${seconds.toFixed(1)} s`)
  assert.match(served.stdout, 'customer_orders: 120 customers stored')
  assert.match(served.stdout, /return_rate_90d: 0\.54/)
  assert.match(served.stdout, /likely to come back: \d+ %/)

  const readme = await readFile(join(root, 'README.md'), 'utf8')
  for (const line of [
    'npx meridian init shop && cd shop\nnpm run train && npm run serve && npm test\n',
    `npx meridian init ../shop --meridian ./${basename(tarball)}\n`,
  ])
    assert.ok(readme.includes(line), `README.md has: ${line}`)

  // A colleague adds a feature, and CI says what it means.
  const git = 'git -c user.name=A -c user.email=a@example.com'
  await mustRun(`git init -q -b main && git add . && ${git} commit -qm shop && git remote add origin .`, shop)
  const features = await readFile(join(shop, 'features.ts'), 'utf8')
  const added = features.replace('    /** Orders in the last ninety', '    orders_30d: count().over("30d"),\n$&')
  await writeFile(join(shop, 'features.ts'), added)
  const commands = commandsOf(await readFile(join(shop, '.github/workflows/features.yml'), 'utf8'))
  assert.equal(commands.slice(0, -1), [
    'npm ci',
    'npx meridian check --format github',
    'npm run typecheck',
    'npm test',
    'npm run train',
    'npm run serve',
  ])
  await mustRun('npm run build', shop)
  const summary = join(folder, 'summary.md')
  // These ran before.
  const before = ['npm ci', 'npm run train', 'npm run serve']
  // Side by side: CI takes one after the other.
  const outcomes = await Promise.all([
    // The installed package makes the same project: all of its templates are in it.
    sh(`npx --no-install meridian init ../copy --name shop --no-install --meridian ${tarball}`, shop),
    ...commands
      .filter(step => !before.includes(step))
      .map(step => sh(step, shop, { GITHUB_BASE_REF: 'main', GITHUB_STEP_SUMMARY: summary })),
  ])
  for (const { code, stdout, stderr } of outcomes) assert.is(code, 0, `${stdout}\n${stderr}`)
  assert.match(await readFile(summary, 'utf8'), 'orders_30d')
  await mustRun('git checkout -q features.ts generated', shop)
  const { stdout: committed } = await mustRun('git ls-files', shop)
  const copied = await filesIn(join(folder, 'copy'))
  assert.equal(
    copied,
    committed
      .trim()
      .split('\n')
      .filter(path => path !== 'package-lock.json')
      .sort(),
  )
  for (const path of copied)
    assert.is(await readFile(join(folder, 'copy', path), 'utf8'), await readFile(join(shop, path), 'utf8'), path)

  // And it is red where it must be.
  await writeFile(join(shop, 'features.ts'), features.replace("count().over('7d')", "count().over('60d')"))
  await writeFile(
    join(shop, 'wrong.ts'),
    "import { connect } from './generated/index.ts'\n;(await connect()).nothing\n",
  )
  const [tested, typed] = await Promise.all([sh('npm test', shop), sh('npm run typecheck', shop)])
  assert.is(tested.code, 1)
  assert.match(tested.stdout, /not ok 1 - a customer is known by the orders before this one/)
  assert.is.not(typed.code, 0)
  assert.match(typed.stdout, /wrong\.ts.*nothing/)
})

test.run()
