/** The TypeScript of docs/guide.md is one file, and it builds. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { compile } from 'meridian/compiler'
import { test } from 'uvu'
import * as assert from 'uvu/assert'

test('the definitions of docs/guide.md compile', async () => {
  const guide = readFileSync(new URL('../docs/guide.md', import.meta.url), 'utf8')
  const blocks = [...guide.matchAll(/```ts\n([\s\S]*?)```/g)].map(([, text]) => text)
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

test.run()
