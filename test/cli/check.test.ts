/** What `meridian check` says. It writes nothing. */
import { appendFile, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { definitions, withBuiltProject, withProject } from './command.ts'

test(
  'stale, missing and orphan files are exit code 5, with a diff on stdout',
  withProject(async ({ folder, meridian }) => {
    const generated = (path: string) => join(folder, 'generated', path)
    const fresh = await meridian(['check'])
    assert.is(fresh.code, 5)
    assert.match(fresh.stderr, /^missing generated\/manifest\.json$/m)

    await meridian(['build'])
    const clean = await meridian(['check'])
    assert.equal([clean.code, clean.stdout], [0, ''])
    assert.match(clean.stderr, /^shop: \d+ files up to date\n$/)

    await appendFile(generated('duckdb/shopping/training.sql'), '-- mine\n')
    await rm(generated('duckdb/sources/orders.sql'))
    await writeFile(generated('notes.md'), 'to do\n')
    const [stale, github, json] = await Promise.all([
      meridian(['check']),
      meridian(['check', '--format', 'github']),
      meridian(['check', '--json']),
    ])
    for (const { code } of [stale, github, json]) assert.is(code, 5)
    const lines = stale.stderr.trimEnd().split('\n')
    assert.equal(lines.slice(0, -1).sort(), [
      'missing generated/duckdb/sources/orders.sql',
      'orphan  generated/notes.md',
      'stale   generated/duckdb/shopping/training.sql',
    ])
    assert.is(lines.at(-1), 'shop: 3 files to change. Run meridian build and commit the result.')
    assert.match(stale.stdout, /^--- generated\/duckdb\/shopping\/training\.sql\ton disk$/m)
    assert.match(stale.stdout, /^\+\+\+ generated\/duckdb\/shopping\/training\.sql\tas built$/m)
    assert.match(stale.stdout, /^--- mine$/m)
    assert.match(stale.stdout, /^-to do$/m)
    assert.match(stale.stdout, /^\+CREATE OR REPLACE TEMP VIEW/m)

    assert.is(github.stdout.trimEnd().split('\n').length, 3)
    assert.match(github.stdout, /^::error file=generated\/notes\.md,title=orphan artefact::run meridian build/m)
    const { projects } = JSON.parse(json.stdout)
    assert.equal(projects[0].changes.map(({ kind }: { kind: string }) => kind).sort(), ['missing', 'orphan', 'stale'])
    assert.match(await readFile(generated('duckdb/shopping/training.sql'), 'utf8'), '-- mine')
  }),
)

test(
  'definitions that changed since the build are stale files',
  withBuiltProject(async ({ folder, meridian }) => {
    await writeFile(join(folder, 'features.ts'), definitions().replace("over('1h')", "over('2h')"))
    const { code, stdout } = await meridian(['check'])
    assert.is(code, 5)
    assert.match(stdout, 'generated/duckdb/order_stats/materialize.sql')
  }),
)

test.run()
