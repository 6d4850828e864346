/**
 * `docs/diagnostics.md`: every code of the catalogue with a wrong form, what is said of it, and a right one. Each code has a
 * file in `test/diagnostics`; the forms are compiled here, and `UPDATE_GOLDEN=1` writes the page.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { compile } from 'meridian/compiler'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { check } from '../compiler/check/index.ts'
import { codes } from '../compiler/diagnostics/codes.ts'
import type { Diagnostic } from '../compiler/diagnostics/diagnostic.ts'
import { render } from '../compiler/diagnostics/render.ts'
import { compileFunctions } from '../compiler/functions/functions.ts'
import { loadConfig } from '../compiler/load/config.ts'
import { loadDefinitions } from '../compiler/load/evaluate.ts'
import { createLocator } from '../compiler/load/locate.ts'

const folder = fileURLToPath(new URL('diagnostics', import.meta.url))
const page = fileURLToPath(new URL('../docs/diagnostics.md', import.meta.url))
const shop = readFileSync(join(folder, 'shop.ts'), 'utf8')

interface Entry {
  readonly code: string
  readonly why: string
  /** Null for what no definitions provoke. */
  readonly forms: { readonly wrong: string; readonly right: string } | null
  readonly files: readonly { readonly name: string; readonly text: string }[]
}

function read(code: string): Entry {
  const text = readFileSync(join(folder, `${code}.md`), 'utf8')
  const fences = [...text.matchAll(/^```(\w+) (\S+)\n(.*?)^```$/gms)].map(([, , name = '', body = '']) => ({
    name,
    text: body,
  }))
  const form = (name: string) => fences.find(fence => fence.name === name)?.text
  const [wrong, right] = [form('wrong'), form('right')]
  return {
    code,
    why: (text.split('\n\n')[0] as string).trim(),
    forms: wrong !== undefined && right !== undefined ? { wrong, right } : null,
    files: fences.filter(({ name }) => name !== 'wrong' && name !== 'right'),
  }
}

const entries = readdirSync(folder)
  .filter(file => file.endsWith('.md'))
  .map(file => read(file.slice(0, -'.md'.length)))

/** What only an engine can find. */
const byEngine = /^(sql\.(invalid|missing-column|wrong-type)|source\.)/

/** What is said of a form, and how it is shown. */
async function diagnose(
  { code, files }: Entry,
  form: string,
): Promise<{ diagnostics: readonly Diagnostic[]; text: string }> {
  const root = mkdtempSync(join(tmpdir(), 'meridian-diagnostics-'))
  try {
    const isConfig = code === 'load.no-entry'
    const all = [{ name: 'shop.ts', text: shop }, { name: 'features.ts', text: isConfig ? shop : form }, ...files]
    for (const { name, text } of all) writeFileSync(join(root, name), text)
    if (isConfig) writeFileSync(join(root, 'meridian.config.ts'), form)
    const entry = isConfig
      ? (await loadConfig(join(root, 'meridian.config.ts'))).projects[0]?.definitions
      : 'features.ts'
    const diagnostics = await diagnosticsOf(root, entry ?? '', byEngine.test(code))
    return { diagnostics, text: render(diagnostics, { read: file => readFileSync(join(root, file), 'utf8') }) }
  } finally {
    rmSync(root, { recursive: true })
  }
}

async function diagnosticsOf(root: string, entry: string, engines: boolean): Promise<readonly Diagnostic[]> {
  if (engines) return (await compile({ root, definitions: entry, output: 'generated', name: 'shop' })).diagnostics
  const loaded = await loadDefinitions({ root, entry })
  if (loaded.diagnostics.length > 0) return loaded.diagnostics
  const locator = await createLocator(root, loaded.inputs)
  const functions = await compileFunctions(loaded, locator, { root })
  return [...check(loaded, locator, ['duckdb', 'postgres']), ...functions.diagnostics]
}

const shown = new Map<string, string>()

for (const entry of entries)
  test(`diagnostics: ${entry.code}`, async () => {
    if (!entry.forms) return
    const wrong = await diagnose(entry, entry.forms.wrong)
    shown.set(entry.code, wrong.text)
    assert.ok(wrong.diagnostics.length > 0, 'the wrong form is wrong')
    for (const { code, place } of wrong.diagnostics)
      assert.equal([code, place === null], [entry.code, entry.code === 'load.no-entry'])
    assert.is((await diagnose(entry, entry.forms.right)).text, '')
  })

test('diagnostics: every code has a file with both forms, and every file a code', () => {
  assert.equal(entries.map(({ code }) => code).sort(), Object.keys(codes).sort())
  const without = entries.filter(({ forms }) => forms === null).map(({ code }) => code)
  assert.equal(without, ['on-demand.cycle', 'statement.invalid'])
})

test('diagnostics: docs/diagnostics.md says all of it (else: UPDATE_GOLDEN=1 npm test -- diagnostics)', () => {
  const text = pageOf(Object.keys(codes).flatMap(code => entries.filter(entry => entry.code === code)))
  if (process.env.UPDATE_GOLDEN) writeFileSync(page, text)
  assert.fixture(readFileSync(page, 'utf8'), text)
})

function pageOf(all: readonly Entry[]): string {
  const families = [...new Set(all.map(({ code }) => code.split('.')[0] as string))]
  const contents = families.map(family => {
    const links = all
      .filter(({ code }) => code.startsWith(`${family}.`))
      .map(({ code }) => `[\`${code}\`](#${anchor(code)})`)
    return `- **${family}**: ${links.join(', ')}`
  })
  return `${[
    '<!-- Written by `UPDATE_GOLDEN=1 npm test -- diagnostics` from test/diagnostics. Do not edit. -->',
    '# Diagnostics',
    'All that `meridian build`, `check`, `plan` and `watch` say of definitions: an example that provokes each code, what is said of it,\nand one that is right. All mistakes are reported at once, in the order of their places, and a build with any writes nothing.',
    contents.join('\n'),
    'The examples import an entity and a source from `shop.ts`:',
    fence('ts', shop),
    ...all.flatMap(sectionOf),
  ].join('\n\n')}\n`
}

function sectionOf({ code, why, forms, files }: Entry): string[] {
  return [
    `## \`${code}\``,
    why,
    ...files.flatMap(({ name, text }) => [`With \`${name}\`:`, fence('csv', text)]),
    ...(forms
      ? [fence('ts', forms.wrong), fence('text', shown.get(code) ?? ''), 'Right:', fence('ts', forms.right)]
      : []),
  ]
}

const anchor = (code: string): string => code.replaceAll('.', '')
const fence = (language: string, text: string): string => `\`\`\`${language}\n${text.trimEnd()}\n\`\`\``

test.run()
