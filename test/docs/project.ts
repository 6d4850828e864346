/** The project of a page: a folder with its files, in which its commands run as they stand. */
import { spawn } from 'node:child_process'
import { chmod, mkdir, rm, symlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import * as assert from 'uvu/assert'
import { type Block, filesOf } from './page.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
/** Below the package, whose name the projects import. */
export const projects = join(root, 'data', 'docs')
const commands = join(projects, '.bin')

export const folderOf = (page: string): string => join(projects, page.replaceAll('/', '_').replace(/\.md$/, ''))

/** A line of three dots stands for any lines, and a duration for any other. */
export function sameOutput(shown: string, printed: string): boolean {
  const duration = /\b\d[\d.,]*( ?)(ms|s)\b/g
  const plain = (text: string): string =>
    text
      .split('\n')
      .map(line => line.replaceAll(duration, '<duration>').replaceAll(/ +/g, ' ').trimEnd())
      .join('\n')
      .trim()
  const pattern = `\n${plain(shown)}\n`
    .split('\n...\n')
    .map(part => part.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&'))
    .join('\n(?:.*\n)*?')
  return new RegExp(`^${pattern}$`).test(`\n${plain(printed)}\n`)
}

/** `npx` of the projects: the packages that a page installs are those of this repository. */
export async function writeCommands(): Promise<void> {
  await rm(projects, { recursive: true, force: true })
  await mkdir(commands, { recursive: true })
  const node = `exec "${process.execPath}" --import "${import.meta.resolve('tsx')}" -C meridian-source`
  // Types are those of the sources, as in all tests; so tsc meets packages that an application never sees the types of.
  const tsc = `exec "${process.execPath}" "${join(root, 'node_modules', 'typescript', 'bin', 'tsc')}"`
  const cases = [
    `  meridian) shift; ${node} "${join(root, 'cli', 'main.ts')}" "$@" ;;`,
    `  tsx) shift; ${node} "$@" ;;`,
    `  tsc) shift; ${tsc} --customConditions meridian-source --skipLibCheck "$@" ;;`,
  ]
  const script = ['#!/bin/sh', 'case $1 in', ...cases, '  *) echo "no page may run npx $1" >&2; exit 64 ;;', 'esac', '']
  const refused = ['npm', 'git', 'docker'].map(name => [
    name,
    `#!/bin/sh\necho "no page may run ${name}" >&2\nexit 64\n`,
  ])
  for (const [name = '', text = ''] of [['npx', script.join('\n')], ...refused]) {
    await writeFile(join(commands, name), text)
    await chmod(join(commands, name), 0o755)
  }
}

export async function writeProject(page: string, blocks: readonly Block[]): Promise<void> {
  await mkdir(folderOf(page), { recursive: true })
  // README speaks of the examples.
  if (page === 'README.md') await symlink(join(root, 'generated'), join(folderOf(page), 'generated'))
  for (const { path, text } of filesOf(blocks)) {
    const file = join(folderOf(page), path)
    await mkdir(dirname(file), { recursive: true })
    await writeFile(file, text)
  }
}

/** What a command printed, where the page shows something else. */
export interface Difference {
  readonly command: Block
  readonly shown: Block
  readonly printed: string
}

/** Runs the blocks of `sh` of a page in their order, and compares what they print with the `text` that follows. */
export async function runCommands(page: string, blocks: readonly Block[]): Promise<Difference[]> {
  const differences: Difference[] = []
  for (const [index, command] of blocks.entries()) {
    if (command.language !== 'sh' || !isRun(command)) continue
    const { code, output } = await run(command.text, folderOf(page))
    const exit = Number(command.attributes.get('exit') ?? 0)
    assert.is(code, exit, `${page}:${command.line} ends with exit code ${code}, not ${exit}:\n${output}`)
    const shown = blocks[index + 1]
    if (shown?.language !== 'text' || !isRun(shown) || sameOutput(shown.text, output)) continue
    differences.push({ command, shown, printed: output })
  }
  return differences
}

/** The page with what was printed in place of what it shows. */
export function withPrinted(markdown: string, differences: readonly Difference[]): string {
  const lines = markdown.split('\n')
  for (const { shown, printed } of [...differences].reverse()) {
    const length = shown.text.split('\n').length - 1
    lines.splice(shown.line - 1, length, ...printed.trimEnd().split('\n'))
  }
  return lines.join('\n')
}

export const isRun = ({ attributes }: Block): boolean => !attributes.has('no-run') && !attributes.has('checked-by')

function run(script: string, folder: string): Promise<{ code: number | null; output: string }> {
  const { MERIDIAN_ENV: _, FORCE_COLOR: __, ...rest } = process.env
  const env = { ...rest, NO_COLOR: '1', CI: '', TZ: 'UTC', PATH: `${commands}:${process.env.PATH}` }
  const child = spawn('bash', ['-euo', 'pipefail', '-c', `exec 2>&1\n${script}`], {
    cwd: folder,
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
    timeout: 120_000,
  })
  let output = ''
  child.stdout.setEncoding('utf8').on('data', text => {
    output += text
  })
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', code => resolve({ code, output }))
  })
}
