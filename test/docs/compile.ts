/** The type checker over the TypeScript of all pages at once, against the package's own types. */
import { spawn } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Block, filesOf } from './page.ts'
import { folderOf, projects } from './project.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** What is wrong, at the pages' lines. */
export async function typeErrors(pages: ReadonlyMap<string, readonly Block[]>): Promise<string[]> {
  const places = new Map<string, { page: string; lines: readonly number[] }>()
  for (const [page, blocks] of pages)
    for (const { path, lines } of filesOf(blocks))
      places.set(relative(projects, join(folderOf(page), path)), { page, lines })
  const { code, output } = await tsc(projects)
  const errors = output.split('\n').filter(line => line.trim() !== '')
  if (code !== 0 && errors.length === 0) return [`tsc ended with ${code}`]
  return errors.map(line => {
    const [, file = '', at = '0', text = ''] = /^(.*?)\((\d+),\d+\): (.*)$/.exec(line) ?? []
    const place = places.get(file)
    return place ? `${place.page}:${place.lines[Number(at) - 1] || 'hidden'}: ${text}` : line
  })
}

/** Checks all TypeScript of a folder two levels below the package. */
export async function tsc(folder: string): Promise<{ code: number | null; output: string }> {
  const options = { extends: '../../tsconfig.json', include: ['**/*.ts'], exclude: [] }
  // A fragment names what it does not use.
  const compilerOptions = { noUnusedLocals: false, noUnusedParameters: false, moduleDetection: 'force' }
  await writeFile(join(folder, 'tsconfig.json'), JSON.stringify({ ...options, compilerOptions }))
  const command = join(root, 'node_modules', 'typescript', 'bin', 'tsc')
  const child = spawn(process.execPath, [command, '-p', 'tsconfig.json', '--pretty', 'false'], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'inherit'],
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
