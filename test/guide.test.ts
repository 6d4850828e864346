/** The TypeScript of docs/guide.md is one file, which builds; its test of a definition runs on that. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { compile } from 'meridian/compiler'
import { test } from 'uvu'
import * as assert from 'uvu/assert'

const guide = readFileSync(new URL('../docs/guide.md', import.meta.url), 'utf8')
const blocks = [...guide.matchAll(/```ts\n([\s\S]*?)```/g)].map(([, text]) => text)

test('the definitions of docs/guide.md compile', async () => {
  assert.ok(blocks.length >= 5)
  const root = mkdtempSync(join(tmpdir(), 'meridian-guide-'))
  try {
    writeFileSync(join(root, 'features.ts'), blocks.join('\n'))
    const options = { root, definitions: 'features.ts', output: 'generated', name: 'guide' }
    const { diagnostics, artefacts } = await compile(options)
    assert.equal(diagnostics, [])
    assert.ok(artefacts.some(({ path }) => path === 'duckdb/fraud/training.sql'))
  } finally {
    rmSync(root, { recursive: true })
  }
})

test('the test of a definition in docs/guide.md passes', async () => {
  const [, block = ''] = /```js\n(import [\s\S]*?)```/.exec(guide) ?? []
  assert.match(block, 'await evaluate(')
  // Below this package, whose name the definitions import.
  const data = fileURLToPath(new URL('../data/', import.meta.url))
  mkdirSync(data, { recursive: true })
  const root = mkdtempSync(join(data, 'guide-'))
  try {
    const path = join(root, 'definitions.test.ts')
    const wrong = block.replace('2.5)', '2.6)')
    assert.is.not(wrong, block)
    const run = (text: string, name: string) => {
      writeFileSync(`${path}.${name}.ts`, `import * as assert from 'uvu/assert'\n${blocks.join('\n')}\n${text}`)
      return import(pathToFileURL(`${path}.${name}.ts`).href)
    }
    await run(block, 'right')
    await run(wrong, 'wrong').then(
      () => assert.unreachable(),
      error => assert.match(String(error.message), 'equal'),
    )
  } finally {
    rmSync(root, { recursive: true })
  }
})

test.run()
