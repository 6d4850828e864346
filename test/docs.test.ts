/**
 * No page can lie: every fenced block of README, CONTRIBUTING and docs/ is compiled, run, parsed, or says why it is not.
 *
 * A page is one project. `test/docs/page.ts` says by which rules its blocks make it up; docs/README.md says so to readers.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { compile } from 'meridian/compiler'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { parse } from 'yaml'
import { typeErrors } from './docs/compile.ts'
import { type Block, blocksOf, filesOf } from './docs/page.ts'
import {
  type Difference,
  folderOf,
  isRun,
  runCommands,
  sameOutput,
  withPrinted,
  writeCommands,
  writeProject,
} from './docs/project.ts'

const root = fileURLToPath(new URL('..', import.meta.url))

/** Pages that a test writes, and runs as it does so. */
const written = new Map([
  ['docs/diagnostics.md', 'test/diagnostics.test.ts'],
  ['docs/reference.md', 'test/docs-reference.test.ts'],
])

const pages = new Map(
  ['README.md', 'CONTRIBUTING.md', ...readdirSync(join(root, 'docs'), { recursive: true }).map(path => `docs/${path}`)]
    .filter(page => page.endsWith('.md') && !written.has(page))
    .sort()
    .map(page => [page, blocksOf(page, readFileSync(join(root, page), 'utf8'))] as const),
)
const all = [...pages.values()].flat()
const hasCommands = (blocks: readonly Block[]): boolean => blocks.some(block => block.language === 'sh' && isRun(block))
const where = ({ page, line }: Block): string => `${page}:${line}`

/** What each page's commands print otherwise than it shows: two pages at a time, each with a process of its own. */
const runs = new Map<string, Promise<Difference[]>>()

test.before(async () => {
  await writeCommands()
  for (const [page, blocks] of pages) await writeProject(page, blocks)
  const lanes = [Promise.resolve(), Promise.resolve()]
  for (const [page, blocks] of pages) {
    if (!hasCommands(blocks)) continue
    const run = (lanes.shift() as Promise<void>).then(() => runCommands(page, blocks))
    runs.set(page, run)
    lanes.push(
      run.then(
        () => {},
        () => {},
      ),
    )
  }
})

test('docs: every block is of a kind that is checked', () => {
  const kinds = new Set(['ts', 'sh', 'text', 'csv', 'json', 'yaml', 'python', 'sql', 'dockerfile', 'ini'])
  for (const block of all) assert.ok(kinds.has(block.language), `${where(block)}: ${block.language || 'no language'}`)
  for (const [index, block] of all.entries()) {
    const before = all[index - 1]
    if (block.language === 'text' && isRun(block))
      assert.ok(before?.language === 'sh' && isRun(before), `${where(block)}: no command printed this`)
    if (block.language === 'csv' || block.language === 'sql')
      assert.ok(block.attributes.has('file') || !isRun(block), `${where(block)}: of no file`)
  }
})

test('docs: what is not run is counted, and another test that is named is there', () => {
  const unrun = all.filter(({ attributes }) => attributes.has('no-run'))
  const counted: Record<string, number> = {}
  for (const { page } of unrun) counted[page] = (counted[page] ?? 0) + 1
  assert.equal(counted, {
    'CONTRIBUTING.md': 3,
    'README.md': 4,
    'docs/api.md': 1,
    'docs/ci.md': 1,
    'docs/deploy.md': 1,
    'docs/from-feast.md': 1,
    'docs/production.md': 3,
    'docs/quickstart.md': 1,
    'docs/scheduling.md': 2,
  })
  for (const block of unrun) assert.ok((block.attributes.get('no-run') ?? '').length > 10, where(block))
  const others = [...written, ...all.map(block => [block.page, block.attributes.get('checked-by')] as const)]
  for (const [page, test] of others)
    if (test !== undefined)
      assert.match(readFileSync(join(root, test), 'utf8'), page.replace('docs/', ''), `${test} is about ${page}`)
})

test('docs: each file of TypeScript is compiled by a build or run by a command; fragments are counted', () => {
  const fragments: Record<string, number> = {}
  for (const { page, language, attributes, line } of all) {
    const file = attributes.get('file')
    if (language !== 'ts') continue
    if (file === undefined) fragments[page] = (fragments[page] ?? 0) + 1
    else if (file !== 'features.ts' && file !== 'meridian.config.ts')
      assert.ok(
        (pages.get(page) ?? []).some(block => block.language === 'sh' && isRun(block) && block.text.includes(file)),
        `${page}:${line}: no command runs ${file}`,
      )
  }
  assert.equal(fragments, { 'README.md': 3, 'docs/production.md': 1, 'docs/scheduling.md': 1 })
})

test('docs: blocks of YAML, JSON, INI, Dockerfile and Python can be parsed', () => {
  for (const { language, text, ...block } of all) {
    if (language === 'yaml') parse(text, { strict: true })
    if (language === 'json') JSON.parse(text)
    const lines = text.split('\n').filter(line => line.trim() !== '' && !line.startsWith('#'))
    if (language === 'ini') for (const line of lines) assert.match(line, /^(\[\w+\]|\w+=.*)$/)
    if (language === 'dockerfile')
      for (const line of lines) assert.match(line, /^(FROM|ENV|WORKDIR|COPY|RUN|USER|ENTRYPOINT|CMD|EXPOSE) /)
    if (language === 'python') {
      const program = 'import ast, sys; ast.parse(sys.stdin.read())'
      const { status, stderr, error } = spawnSync('python3', ['-c', program], { input: text, encoding: 'utf8' })
      // A machine need not have Python.
      if (error) continue
      assert.is(status, 0, `${block.page}:${block.line}: ${stderr}`)
    }
  }
})

for (const [page, blocks] of pages) {
  const files = filesOf(blocks)
  if (files.some(({ path }) => path === 'features.ts') && !blocks.some(({ text }) => text.includes('meridian build')))
    test(`docs: the definitions of ${page} build`, async () => {
      const options = { root: folderOf(page), definitions: 'features.ts', output: 'generated', name: 'page' }
      assert.equal((await compile(options)).diagnostics, [])
    })
  if (hasCommands(blocks))
    test(`docs: the commands of ${page} do what it shows (else: UPDATE_GOLDEN=1 npm test -- docs)`, async () => {
      const differences = (await runs.get(page)) ?? []
      const path = join(root, page)
      if (process.env.UPDATE_GOLDEN) writeFileSync(path, withPrinted(readFileSync(path, 'utf8'), differences))
      else
        for (const { shown, printed } of differences)
          assert.fixture(shown.text.trimEnd(), printed.trimEnd(), `${where(shown)} is not what the command printed`)
    })
}

test('docs: the TypeScript of all pages has no type error', async () => {
  assert.equal(await typeErrors(pages), [])
})

test('docs: links between pages lead somewhere', () => {
  for (const page of [...pages.keys(), ...written.keys()]) {
    const text = readFileSync(join(root, page), 'utf8').replaceAll(/^( *)(`{3,}).*?^\1\2$/gms, '')
    for (const [, target = '', anchor] of text.matchAll(/\]\((?!https?:)([^)#\s]*)(?:#([^)]*))?\)/g)) {
      const path = target === '' ? page : join(dirname(page), target)
      assert.ok(existsSync(join(root, path)), `${page} links to ${target}`)
      if (anchor === undefined || !path.endsWith('.md')) continue
      assert.ok(anchorsOf(path).has(anchor), `${page} links to ${target}#${anchor}`)
    }
  }
})

/** As GitHub makes them of headings. */
function anchorsOf(path: string): Set<string> {
  const headings = readFileSync(join(root, path), 'utf8').matchAll(/^#+ (.*)$/gm)
  return new Set(
    [...headings].map(([, text = '']) =>
      text
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
        .replaceAll(' ', '-'),
    ),
  )
}

test('docs: what differs from what a page shows is seen', () => {
  assert.ok(sameOutput('a 1\n...\nin 3 ms', 'a 1\nb\nc\nin 20 ms\n'))
  for (const printed of ['a 2\nin 3 ms', 'a 1\nb\nin 3 m', 'a 1\nin 3 ms\nc', ''])
    assert.not(sameOutput('a 1\n...\nin 3 ms', printed), printed)
})

test.run()
