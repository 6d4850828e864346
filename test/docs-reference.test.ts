/** `docs/reference.md` says what the docstrings say, and their examples compile. */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { tsc } from './docs/compile.ts'
import { modules, reference } from './docs/reference.ts'

const page = fileURLToPath(new URL('../docs/reference.md', import.meta.url))
const { page: text, all } = reference()

test('reference: docs/reference.md is what the docstrings say (else: UPDATE_GOLDEN=1 npm test -- docs)', () => {
  if (process.env.UPDATE_GOLDEN) writeFileSync(page, text)
  const [written, made] = [readFileSync(page, 'utf8').split('\n'), text.split('\n')]
  const line = made.findIndex((one, index) => one !== written[index])
  assert.ok(line < 0 && written.length === made.length, `line ${line + 1} is to be: ${made[line]}`)
})

test('reference: all entries of the package are on the page', () => {
  const { exports } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))
  const entries = Object.keys(exports).filter(name => name !== './package.json')
  assert.equal(Object.keys(modules).sort(), entries.map(name => join('meridian', name)).sort())
})

test('reference: each function says what it does, with an example', () => {
  const functions = all.filter(({ signature }) => signature.startsWith('function '))
  assert.ok(functions.length > 10)
  for (const { name, documentation, examples } of functions) {
    assert.ok(documentation !== '', name)
    assert.ok(examples.length > 0, `${name} has no example`)
  }
})

test('reference: docs/production.md says of each code of an error what it asks for', () => {
  const codes = all.find(({ name }) => name === 'ErrorCode')?.signature.match(/(?<=')[a-z.-]+(?=')/g) ?? []
  assert.ok(codes.length > 20)
  const production = readFileSync(new URL('../docs/production.md', import.meta.url), 'utf8')
  assert.equal(
    codes.filter(code => !production.includes(`\`${code}\``)),
    [],
  )
})

test('reference: examples compile', async () => {
  const examples = all.flatMap(({ name, examples }) => examples.map(text => ({ name, text })))
  assert.ok(examples.length > 60)
  const folder = fileURLToPath(new URL('../data/docs-reference/', import.meta.url))
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  for (const [index, { name, text }] of examples.entries())
    writeFileSync(join(folder, `${index}-${name}.ts`), moduleOf(text))
  const { output } = await tsc(folder)
  assert.is(output, '')
})

const context = readFileSync(new URL('docs/reference-context.ts', import.meta.url), 'utf8')
/** Names that the context exports; types by their word. */
const known = [...context.matchAll(/^export (declare const |const |type )?(\w+|\{[^}]*\})/gm)].flatMap(
  ([, word = '', list = '']) =>
    (list.match(/\w+/g) ?? []).map(name => ({ name, imported: word === 'type ' ? `type ${name}` : name })),
)

/** An example with what it speaks of: names of the context, unless it declares or imports them. */
function moduleOf(example: string): string {
  const declares = (name: string): boolean =>
    new RegExp(`(?:const|type|import) (?:${name}\\b|\\{[^}]*\\b${name}\\b)`).test(example)
  const names = known.filter(({ name }) => new RegExp(`\\b${name}\\b`).test(example) && !declares(name))
  return `import { ${names.map(({ imported }) => imported).join(', ')} } from '../../test/docs/reference-context.ts'\n${example}\nexport {}\n`
}

test.run()
