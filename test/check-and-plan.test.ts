/** The script of the GitHub action, but for the comment, which needs GitHub. */
import { execFileSync, spawn } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { definitions, withBuiltProject } from './cli/command.ts'

const path = (name: string): string => fileURLToPath(new URL(name, import.meta.url))
const command = `${process.execPath} --import ${import.meta.resolve('tsx')} -C meridian-source ${path('../cli/main.ts')}`

function run(folder: string, env: Readonly<Record<string, string>>): Promise<{ code: number | null; stdout: string }> {
  const files = {
    GITHUB_OUTPUT: join(folder, 'output'),
    GITHUB_STEP_SUMMARY: join(folder, 'summary'),
    RUNNER_TEMP: folder,
  }
  const child = spawn('bash', [path('../tools/check-and-plan.sh')], {
    cwd: folder,
    env: { ...process.env, MERIDIAN_COMMAND: command, ...files, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let stdout = ''
  child.stdout.setEncoding('utf8').on('data', text => {
    stdout += text
  })
  return new Promise(resolve => child.on('close', code => resolve({ code, stdout })))
}

test(
  'action: stale files are annotations and fail; breaking changes fail where that is asked for',
  withBuiltProject(async ({ folder, meridian }) => {
    const git = (...args: string[]) =>
      execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@b', ...args], { cwd: folder })
    git('init', '--quiet')
    git('add', '.')
    git('commit', '--quiet', '--message', 'built')
    await writeFile(join(folder, 'features.ts'), definitions().replace('orders_1h:', 'orders_per_hour:'))
    const stale = await run(folder, { MERIDIAN_AGAINST: 'HEAD' })
    assert.is(stale.code, 5)
    assert.match(stale.stdout, /^::error file=generated\/client\/order_stats\.ts,title=stale artefact::/m)

    await meridian(['build'])
    const told = await run(folder, { MERIDIAN_AGAINST: 'HEAD' })
    assert.is(told.code, 0)
    assert.match(await readFile(join(folder, 'output'), 'utf8'), /breaking=true\nplan=.*meridian-plan\.md\n$/)
    assert.match(await readFile(join(folder, 'summary'), 'utf8'), /^<!-- meridian plan -->\n### Meridian plan: shop\n/)
    assert.is((await run(folder, { MERIDIAN_AGAINST: 'HEAD', MERIDIAN_FAIL_ON_BREAKING: 'true' })).code, 6)
    // The commit before a branch that is new.
    assert.is((await run(folder, { MERIDIAN_AGAINST: '0'.repeat(40) })).code, 0)
  }),
)

test.run()
