/** The script of the GitHub action. GitHub itself is not asked: a `gh` of the test notes what it would be told, or refuses. */
import { execFileSync, spawn } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
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
    assert.match(stale.stdout, /^::error file=generated\/client\/order_stats\.d\.ts,title=stale artefact::/m)

    await meridian(['build'])
    const told = await run(folder, { MERIDIAN_AGAINST: 'HEAD' })
    assert.is(told.code, 0)
    assert.match(await readFile(join(folder, 'output'), 'utf8'), /breaking=true\nplan=.*meridian-plan\.md\n$/)
    assert.match(
      await readFile(join(folder, 'summary'), 'utf8'),
      /^<!-- meridian plan {2}-->\n### Meridian plan: shop\n/,
    )
    assert.is((await run(folder, { MERIDIAN_AGAINST: 'HEAD', MERIDIAN_FAIL_ON_BREAKING: 'true' })).code, 6)
    // A repository that has the project in a folder, and a `gh` that is refused: annotations find the file, and codes stay.
    const refused = {
      GITHUB_WORKSPACE: dirname(folder),
      MERIDIAN_COMMENT: '7',
      GH_REPO: 'a/b',
      PATH: `${folder}:${process.env.PATH}`,
    }
    await writeFile(join(folder, 'gh'), '#!/bin/sh\nexit 1\n', { mode: 0o755 })
    const breaking = await run(folder, { ...refused, MERIDIAN_AGAINST: 'HEAD', MERIDIAN_FAIL_ON_BREAKING: 'true' })
    assert.is(breaking.code, 6)
    assert.match(breaking.stdout, '::warning title=Meridian::The plan could not be written as a comment')
    await writeFile(join(folder, 'features.ts'), definitions().replace('count().over', 'cuont().over'))
    const mistaken = await run(folder, { ...refused, MERIDIAN_AGAINST: 'HEAD' })
    assert.is(mistaken.code, 4)
    assert.match(mistaken.stdout, `::error file=${basename(folder)}/features.ts,line=`)
    await writeFile(join(folder, 'features.ts'), definitions().replace('orders_1h:', 'orders_per_hour:'))
    // What it writes, and where: once, then in its place.
    await writeFile(
      join(folder, 'gh'),
      `#!/bin/sh\necho "$@" >> ${folder}/asked\n[ "$2" != --paginate ] || cat ${folder}/known\n`,
      { mode: 0o755 },
    )
    await writeFile(join(folder, 'known'), '')
    assert.is((await run(folder, { ...refused, MERIDIAN_AGAINST: 'HEAD' })).code, 0)
    await writeFile(join(folder, 'known'), '12\n13\n')
    assert.is((await run(folder, { ...refused, MERIDIAN_AGAINST: 'HEAD' })).code, 0)
    const asked = (await readFile(join(folder, 'asked'), 'utf8')).split('\n')
    const body = `--field body=@${folder}/meridian-comment.md`
    assert.is(asked[1], `api --silent repos/a/b/issues/7/comments ${body}`)
    assert.is(asked[3], `api --silent --method PATCH repos/a/b/issues/comments/12 ${body}`)
    assert.match(asked[0] ?? '', `startswith("<!-- meridian plan ${basename(folder)} -->")`)
    // The commit before a branch that is new.
    assert.is((await run(folder, { MERIDIAN_AGAINST: '0'.repeat(40) })).code, 0)
  }),
)

test.run()
