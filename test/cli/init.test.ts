/** `meridian init`: its flags, its questions, and that it overwrites nothing. */
import { spawn } from 'node:child_process'
import { cp, mkdir, readdir, readFile, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { place } from '../../cli/init/place.ts'
import { filesIn, type Workspace, withProject } from './command.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
/** For the command: what it is called by must not matter. */
const byNobody = { npm_config_user_agent: '' }

test(
  'every question has a flag, and off a terminal nothing is asked',
  withProject(async ({ folder, meridian }) => {
    const flags = ['--name', 'my-shop', '--data', 'parquet', '--dialects', 'duckdb', '--package-manager', 'pnpm']
    const [usual, flagged] = await Promise.all([
      meridian(['init', 'Its Folder 7', '--no-install'], { env: byNobody }),
      meridian(['init', 'deep/er', ...flags, '--meridian', '1.2.3', '--no-install'], { env: byNobody }),
    ])
    assert.equal([usual.code, usual.stdout, flagged.code, flagged.stdout], [0, '', 0, ''])
    assert.match(usual.stderr, /next:\n {2}cd 'Its Folder 7'\n {2}npm install\n/)
    assert.match(flagged.stderr, /next:\n {2}cd deep\/er\n {2}pnpm install\n {2}pnpm run train/)
    const read = (path: string) => readFile(join(folder, path), 'utf8')
    const [itself, other] = [await read('Its Folder 7/package.json'), await read('deep/er/package.json')].map(text =>
      JSON.parse(text),
    )
    const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'))
    assert.equal([itself.name, itself.dependencies], ['its-folder-7', { meridian: version }])
    assert.equal([other.name, other.dependencies], ['my-shop', { meridian: '1.2.3' }])
    assert.match(await read('deep/er/features.ts'), "duckdb: { parquet: 'data/orders.parquet' }")
    assert.match(await read('deep/er/meridian.config.ts'), "name: 'my_shop'")
    assert.match(await read('deep/er/.github/workflows/features.yml'), 'pnpm install --frozen-lockfile')
    const made = async (path: string) => (await readdir(join(folder, path, 'generated'))).filter(isDialect)
    assert.equal([await made('Its Folder 7'), await made('deep/er')], [['duckdb', 'postgres'], ['duckdb']])
    // It is what a build makes, with no file more.
    const check = await meridian(['check'], { in: 'deep/er' })
    const [, count] = /generated \((\d+) files\)\n/.exec(flagged.stderr) ?? []
    assert.equal([check.code, check.stderr], [0, `my_shop: ${count} files up to date\n`])
  }, {}),
)

const isDialect = (name: string): boolean => name === 'duckdb' || name === 'postgres'

const taken = {
  'package.json': '{}',
  'package-lock.json': '{}',
  test: '',
  'generated/old.txt': '',
  'node_modules/x/index.js': '',
  'shop/data/orders.csv': 'mine',
}

test(
  'nothing is overwritten: all that is in the way is listed, and nothing is written',
  withProject(async ({ folder, meridian }) => {
    await symlink('/nowhere', join(folder, 'train.ts'))
    await mkdir(join(folder, '.github'))
    await cp(join(folder, 'shop'), join(folder, 'before'), { recursive: true })
    const [here, there, file, below] = await Promise.all([
      meridian(['init', '--no-install'], { env: byNobody }),
      meridian(['init', 'shop'], { env: byNobody }),
      meridian(['init', 'test']),
      meridian(['init', 'test/deeper/down']),
    ])
    assert.equal([here.code, there.code, file.code, below.code], [2, 2, 2, 2])
    const expected = ['package.json', 'train.ts', 'test', 'generated/', 'package-lock.json', 'node_modules/']
    const list = expected.map(path => `  ${path}\n`).join('')
    assert.match(here.stderr, `nothing was written, since ${folder} has\n${list}Name a new folder: meridian init`)
    assert.match(there.stderr, 'shop has\n  data/orders.csv\n')
    for (const { stderr } of [file, below]) assert.is(stderr, `error ${join(folder, 'test')} is no folder\n`)
    const files = Object.keys(taken)
    assert.equal(await filesIn(folder), [...files, 'before/data/orders.csv', 'train.ts'].sort())
    assert.is(await readFile(join(folder, 'shop/data/orders.csv'), 'utf8'), 'mine')
  }, taken),
)

test(
  'what fails midway leaves nothing, and takes away nothing else',
  withProject(
    async ({ folder }) => {
      const files = new Map([
        ['a/b/one', '1'],
        ['mine/two', '2'],
        // It is a file by now.
        ['a/b/one/three', '3'],
      ])
      assert.throws(() => place(join(folder, 'new'), files), /EEXIST|ENOTDIR/)
      assert.throws(() => place(folder, files), /EEXIST|ENOTDIR/)
      assert.throws(() => place(folder, new Map([...files].slice(0, 1).concat([['mine/kept', '']]))), /EEXIST/)
      assert.equal(await readdir(folder), ['mine'])
      assert.equal(await readdir(join(folder, 'mine')), ['kept'])
      assert.is(await readFile(join(folder, 'mine/kept'), 'utf8'), 'mine')
    },
    { 'mine/kept': 'mine' },
  ),
)

test(
  'flags that make no sense are exit code 2, and nothing is written',
  withProject(async ({ folder, meridian }) => {
    const expected: readonly (readonly [string, RegExp])[] = [
      [
        '--dialects duckdb,postgre',
        /there is no dialect "postgre", did you mean "postgres"\? \(there are duckdb, postgres\)/,
      ],
      ['--dialects postgres', /--dialects postgres: the project runs in local mode, which needs duckdb\n$/],
      ['--name My-Shop', /--name My-Shop: a name is of at most 45 small letters and digits/],
      ['--name meridian', /--name meridian: that is a package which the project needs\n$/],
      ['--data json', /argument 'json' is invalid\. Allowed choices are csv, parquet/],
      ['--package-manager bun', /argument 'bun' is invalid\. Allowed choices are npm, pnpm, yarn/],
      ['--meridian none.tgz', /--meridian none\.tgz: there is no \/.*\/none\.tgz\n$/],
      ['--meridian ./none.tgz', /--meridian \.\/none\.tgz: there is no \/.*\/none\.tgz\n$/],
      ['other', /too many arguments/],
    ]
    const outcomes = await Promise.all(expected.map(([flags]) => meridian(['init', 'shop', ...flags.split(' ')])))
    for (const [index, { code, stdout, stderr }] of outcomes.entries()) {
      const [flags, message] = expected[index] as (typeof expected)[number]
      assert.equal([flags, code, stdout], [flags, 2, ''])
      assert.match(stderr, message)
    }
    assert.equal(await readdir(folder), [])
  }, {}),
)

test(
  'where packages cannot be installed the project is there all the same, and what to do is said',
  withProject(async ({ folder, meridian }) => {
    await mkdir(join(folder, '.git'))
    const { code, stdout, stderr } = await meridian(['init', 'shop', '--dialects', 'duckdb'], {
      env: { ...byNobody, PATH: '/nowhere' },
    })
    assert.equal([code, stdout], [2, ''])
    assert.match(stderr, /next:\n {2}cd shop\n {2}npm install\n/)
    assert.match(stderr, /error npm is not installed: the project is complete, but for its packages\n$/)
    assert.match(stderr, `move .github to ${folder}, and give its commands\nworking-directory: shop\n`)
    assert.ok((await filesIn(join(folder, 'shop'))).includes('generated/index.ts'))
  }, {}),
)

/** The command on a terminal, which `script` makes; a person types each answer when its question is there. */
async function onTerminal({ folder }: Workspace, args: string, answers: readonly (readonly [string, string])[]) {
  const line = `${process.execPath} --import ${import.meta.resolve('tsx')} -C meridian-source ${root}/cli/main.ts ${args}`
  const child = spawn('script', ['-qec', line, '/dev/null'], {
    cwd: folder,
    env: { ...process.env, ...byNobody, CI: '', NO_COLOR: '1', TERM: 'xterm' },
    stdio: ['pipe', 'pipe', 'inherit'],
    timeout: 120_000,
  })
  let shown = ''
  let seen = 0
  let answered = 0
  child.stdout.setEncoding('utf8').on('data', text => {
    shown += text
    const [question = '', answer] = answers[answered] ?? []
    const at = answer === undefined ? -1 : shown.indexOf(question, seen)
    if (at < 0) return
    seen = at + question.length
    answered += 1
    child.stdin.write(answer)
  })
  const code = await new Promise((resolve, reject) => child.on('error', reject).on('close', resolve))
  return { code, shown, answered }
}

test(
  'on a terminal a person is asked, but only for what no flag says',
  withProject(
    async workspace => {
      const { folder } = workspace
      const down = '\x1b[B'
      const all = [
        ['Name of the project: (asked)', 'my-shop\r'],
        ["Format of the example's data:", `${down}\r`],
        ['SQL for:', `${down}\r`],
        ['Package manager:', `${down}\r`],
      ] as const
      const [asked, some, none, gone, taken] = await Promise.all([
        onTerminal(workspace, 'init asked --no-install', all),
        onTerminal(workspace, 'init some --no-install --name shop --data csv --package-manager npm', [
          ['SQL for:', '\x03'],
        ]),
        onTerminal(workspace, 'init none --no-install --yes --dialects duckdb', all),
        onTerminal(workspace, 'init gone --no-install', [['Name of the project:', '\x03']]),
        onTerminal(workspace, 'init taken', all),
      ])
      assert.equal([asked.code, asked.answered, some.code, some.answered], [0, 4, 2, 1])
      assert.equal([none.code, none.answered, gone.code, taken.code, taken.answered], [0, 0, 2, 2, 0])
      assert.match(gone.shown, 'interrupted: nothing was written')
      const read = (path: string) => readFile(join(folder, path), 'utf8')
      assert.is(JSON.parse(await read('asked/package.json')).name, 'my-shop')
      assert.match(await read('asked/features.ts'), "parquet: 'data/orders.parquet'")
      assert.match(await read('asked/meridian.config.ts'), "dialects: ['duckdb']")
      assert.match(await read('asked/README.md'), 'pnpm install')
      assert.equal((await readdir(folder)).sort(), ['asked', 'none', 'taken'])
    },
    { 'taken/README.md': '' },
  ),
)

test.run()
