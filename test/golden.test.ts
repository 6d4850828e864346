/**
 * Every folder of `test/golden` is a project: `features.ts`, and in `expected/` every artefact of it, byte for byte.
 * `UPDATE_GOLDEN=1` writes what the build makes now.
 */
import { readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type BuildOptions, build, compile } from 'meridian/compiler'
import { test } from 'uvu'
import * as assert from 'uvu/assert'

const folder = fileURLToPath(new URL('golden', import.meta.url))

function filesBelow(root: string): Map<string, string> {
  const entries = readdirSync(root, { recursive: true, withFileTypes: true }).filter(entry => entry.isFile())
  const paths = entries.map(entry => join(entry.parentPath, entry.name)).sort()
  return new Map(paths.map(path => [path.slice(root.length + 1).replaceAll('\\', '/'), readFileSync(path, 'utf8')]))
}

for (const name of readdirSync(folder).sort()) {
  test(`golden: ${name}`, async () => {
    const root = join(folder, name)
    const options: BuildOptions = {
      root,
      definitions: 'features.ts',
      output: 'expected',
      name: name.replaceAll('-', '_'),
    }
    if (process.env.UPDATE_GOLDEN) {
      rmSync(join(root, 'expected'), { recursive: true, force: true })
      await build(options)
    }
    const { diagnostics, artefacts } = await compile(options)
    assert.equal(
      diagnostics.map(({ code, message, notes }) => [code, message, ...notes]),
      [],
    )
    const expected = filesBelow(join(root, 'expected'))
    assert.equal(artefacts.map(({ path }) => path).sort(), [...expected.keys()].sort())
    for (const { path, text } of artefacts) assert.fixture(text, expected.get(path) ?? '', `${name}/expected/${path}`)
  })
}

test.run()
