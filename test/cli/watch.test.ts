/** What `meridian watch` does from save to save, and that it survives mistakes. */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { config, definitions, withProject } from './command.ts'

const main = fileURLToPath(new URL('../../cli/main.ts', import.meta.url))
const tsx = import.meta.resolve('tsx')

interface Build {
  readonly project: string
  readonly diagnostics: readonly { readonly code: string }[]
  readonly changes: readonly { readonly path: string; readonly change: string }[]
  readonly milliseconds: number
}

/** A `meridian watch` and the lines it prints, one by one. */
class Watch {
  readonly #child: ChildProcess
  readonly #lines: string[] = []
  #wake: () => void = () => {}
  #ended: Promise<number | null>
  stderr = ''

  constructor(folder: string, ...args: readonly string[]) {
    this.#child = spawn(process.execPath, ['--import', tsx, '-C', 'meridian-source', main, 'watch', ...args], {
      cwd: folder,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let rest = ''
    this.#child.stdout?.setEncoding('utf8').on('data', text => {
      const lines = `${rest}${text}`.split('\n')
      rest = lines.pop() ?? ''
      this.#lines.push(...lines)
      this.#wake()
    })
    this.#child.stderr?.setEncoding('utf8').on('data', text => {
      this.stderr += text
      this.#wake()
    })
    this.#ended = new Promise(resolve => this.#child.on('close', code => resolve(code)))
  }

  /** The next line of stdout, within twenty seconds. */
  async build(): Promise<Build> {
    return JSON.parse(await this.#until(() => this.#lines.shift()))
  }

  /** Waits until stderr holds it. */
  says(pattern: RegExp): Promise<string> {
    return this.#until(() => pattern.exec(this.stderr)?.[0])
  }

  /** What it prints in the next moment, if anything. */
  async silence(): Promise<void> {
    await new Promise(resolve => setTimeout(resolve, 500))
    assert.equal(this.#lines, [])
  }

  async stop(signal: NodeJS.Signals = 'SIGINT'): Promise<number | null> {
    this.#child.kill(signal)
    return this.#ended
  }

  async #until<T>(find: () => T | undefined): Promise<T> {
    const deadline = performance.now() + 20_000
    for (;;) {
      const found = find()
      if (found !== undefined) return found
      const left = deadline - performance.now()
      assert.ok(left > 0, `nothing came: ${this.stderr}`)
      await new Promise<void>(resolve => {
        const timer = setTimeout(resolve, left)
        this.#wake = () => {
          clearTimeout(timer)
          resolve()
        }
      })
    }
  }
}

const codes = ({ diagnostics }: Build): string[] => diagnostics.map(({ code }) => code)

/** A watch that is ended whatever the test finds. */
const watching = (
  work: (watch: Watch, folder: string) => Promise<void>,
  args: readonly string[],
  files?: Readonly<Record<string, string>>,
) =>
  withProject(async ({ folder }) => {
    const watch = new Watch(folder, ...args)
    try {
      await work(watch, folder)
    } finally {
      await watch.stop('SIGKILL')
    }
  }, files)

test(
  'a build for each save, by way of mistakes; nothing for a file that is as it was, or of no concern',
  watching(
    async (watch, folder) => {
      const file = join(folder, 'features.ts')
      const first = await watch.build()
      assert.equal([first.project, codes(first)], ['shop', []])
      assert.ok(first.changes.every(({ change }) => change === 'created'))

      await writeFile(file, definitions().replace("over('1h')", "over('2h')"))
      const second = await watch.build()
      assert.ok(
        second.changes.some(
          ({ path, change }) => path === 'duckdb/order_stats/materialize.sql' && change === 'updated',
        ),
      )
      assert.match(await readFile(join(folder, 'generated/duckdb/order_stats/materialize.sql'), 'utf8'), '2 HOURS')

      const manifest = await readFile(join(folder, 'generated/manifest.json'), 'utf8')
      await writeFile(file, definitions('order_stats', 'amuont'))
      assert.equal(codes(await watch.build()), ['name.unknown-column'])
      await writeFile(file, 'export const = ')
      assert.equal(codes(await watch.build()), ['load.syntax'])
      assert.is(await readFile(join(folder, 'generated/manifest.json'), 'utf8'), manifest)

      // As editors save: beside it, and then in its place. A file that is written in place is empty for a moment.
      const save = async () => {
        await writeFile(join(folder, 'features.ts.tmp'), definitions())
        await rename(join(folder, 'features.ts.tmp'), file)
      }
      await save()
      assert.equal(codes(await watch.build()), [])
      await save()
      await writeFile(join(folder, 'notes.md'), 'to do')
      await watch.silence()

      await rm(file)
      assert.equal(codes(await watch.build()), ['load.no-entry'])
      await writeFile(file, definitions())
      assert.equal(codes(await watch.build()), [])
      assert.equal([await watch.stop(), watch.stderr], [0, ''])
    },
    ['--json'],
  ),
)

test(
  'files that are imported, come later, or are moved away with their folder',
  watching(
    async (watch, folder) => {
      const [parts, away] = [join(folder, 'parts'), join(folder, 'away')]
      assert.equal(codes(await watch.build()), [])
      await writeFile(join(parts, 'view.ts'), definitions('order_totals'))
      assert.ok((await watch.build()).changes.some(({ change }) => change === 'deleted'))
      await rename(parts, away)
      assert.equal(codes(await watch.build()), ['load.import'])
      await rename(away, parts)
      assert.equal(codes(await watch.build()), [])
      await writeFile(join(folder, 'features.ts'), "export * from './later/view.ts'\n")
      assert.equal(codes(await watch.build()), ['load.import'])
      await mkdir(join(folder, 'later'))
      await writeFile(join(folder, 'later/view.ts'), definitions())
      // Making the folder is what is seen of it.
      await writeFile(join(folder, 'features.ts'), "export * from './later/view.ts' // now\n")
      while (codes(await watch.build()).length > 0);
      await writeFile(join(folder, 'later/view.ts'), definitions('order_totals'))
      assert.ok((await watch.build()).changes.length > 0)
      assert.is(await watch.stop('SIGTERM'), 0)
    },
    ['--json'],
    {
      'meridian.config.ts': config,
      'features.ts': "export * from './parts/view.ts'\n",
      'parts/view.ts': definitions(),
    },
  ),
)

test(
  'one line a build for people, and a change of the configuration',
  watching(async (watch, folder) => {
    await watch.says(/^shop: \d+ files changed, in \d+ ms\n$/)
    watch.stderr = ''
    await writeFile(join(folder, 'features.ts'), definitions('order_stats', 'amuont'))
    await watch.says(/features\.ts:12:.*\n(.*\n)*1 error\. Nothing was written\.\n$/)
    watch.stderr = ''
    await writeFile(join(folder, 'features.ts'), definitions())
    assert.is(
      await watch.says(/^.*ms\n$/).then(line => line.replace(/\d+ ms/, 'N ms')),
      'shop: nothing changed, in N ms\n',
    )
    watch.stderr = ''
    await writeFile(join(folder, 'meridian.config.ts'), config.replace('name:', 'name'))
    await watch.says(/meridian\.config\.ts:2:.*\n(.*\n)*1 error\. Nothing was written\.\n$/)
    watch.stderr = ''
    await writeFile(join(folder, 'meridian.config.ts'), config.replace("'generated'", "'made'"))
    await watch.says(/^shop: \d+ files changed, in \d+ ms\n$/)
    assert.match(await readFile(join(folder, 'made/manifest.json'), 'utf8'), '"project": "shop"')
    assert.is(await watch.stop(), 0)
  }, []),
)

test.run()
