/** The definition files and what they import, bundled into one module with our own builders in it. */
import { existsSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build, type Metafile, type Plugin } from 'esbuild'

// The builders stand beside the compiler, as sources here and as JavaScript in the package.
const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js'
const builders = fileURLToPath(new URL(`../../dsl/index.${extension}`, import.meta.url))

const meridian: Plugin = {
  name: 'meridian',
  setup: ({ onResolve }) => onResolve({ filter: /^meridian$/ }, () => ({ path: builders })),
}

/** CommonJS packages inside an ES module ask for `require`. */
const banner = `import { createRequire as __createRequire } from 'node:module'
const require = __createRequire(import.meta.url)`

export interface Bundle {
  readonly text: string
  /** The source map as JSON. */
  readonly map: string
  /** The user's own files, relative to the root, sorted. The module exports the namespace of each, by this order. */
  readonly files: readonly string[]
  /** What each of these files imports of the others. */
  readonly imports: ReadonlyMap<string, readonly string[]>
}

/** Throws esbuild's `BuildFailure`. */
export async function bundle(root: string, entries: readonly string[]): Promise<Bundle> {
  const first = await run(root, entries)
  const graph = userFiles(root, first.metafile)
  // Modules are evaluated in the same order as before: what an entry imports comes before it anyway.
  const files = [...entries, ...[...graph.keys()].sort().filter(file => !entries.includes(file))]
  const { text, map } = await run(root, files)
  return { text, map, files, imports: graph }
}

/** The export under which the bundle holds the namespace of a file. */
export const namespaceName = (index: number): string => `file${index}`

async function run(root: string, files: readonly string[]) {
  const contents = files.map((file, index) => `export * as ${namespaceName(index)} from ${JSON.stringify(`./${file}`)}`)
  const result = await build({
    absWorkingDir: root,
    stdin: { contents: contents.join('\n'), resolveDir: root, sourcefile: '<entry>', loader: 'js' },
    bundle: true,
    write: false,
    metafile: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    charset: 'utf8',
    sourcemap: 'external',
    outfile: resolve(root, 'definitions.mjs'),
    banner: { js: banner },
    logLevel: 'silent',
    plugins: [meridian],
  })
  const output = (name: string): string => result.outputFiles.find(file => file.path.endsWith(name))?.text ?? ''
  return { text: output('.mjs'), map: output('.map'), metafile: result.metafile }
}

function userFiles(root: string, metafile: Metafile): Map<string, readonly string[]> {
  const isUsers = (file: string): boolean => {
    const path = resolve(root, file)
    return !file.split('/').includes('node_modules') && !path.startsWith(dirname(builders)) && existsSync(path)
  }
  const files = Object.entries(metafile.inputs).filter(([file]) => isUsers(file))
  return new Map(files.map(([file, { imports }]) => [file, imports.map(({ path }) => path).filter(isUsers)]))
}
