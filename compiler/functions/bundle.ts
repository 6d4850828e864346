/**
 * The functions of on-demand views, bundled with what they use. Each file that has some is read with an export at its end
 * that holds them, by view, and bundled from there: so they see what they see where they are written.
 */
import { readFileSync } from 'node:fs'
import { builtinModules, SourceMap } from 'node:module'
import { extname, relative, resolve, sep } from 'node:path'
import { build, type Loader, type Plugin } from 'esbuild'
import type { OnDemandFeatureViewDefinition } from '../../dsl/index.ts'
import { propertyName } from '../catalog/names.ts'
import type { Place } from '../diagnostics/diagnostic.ts'
import { placeAt } from '../diagnostics/place.ts'

/** A view's functions: their characters in its file, by feature. */
export interface ViewFunctions {
  readonly view: string
  readonly definition: OnDemandFeatureViewDefinition
  readonly file: string
  readonly features: readonly { readonly name: string; readonly place: Place }[]
}

export interface FunctionBundle {
  readonly text: string
  /** What the author wrote for a piece of the text: all of it, if it stands there but for its quotes, else its first word. */
  origin(line: number, column: number, written: string): Origin | null
  /** The file that a line of the text was made from. */
  file(line: number): string | null
}

export interface Origin {
  readonly place: Place
  readonly text: string
}

/** The variable that holds a view's functions. Two underscores: no definition has such a name. */
export const functionsName = (view: string): string => `${view}__functions`

/** A file with exports behind it. */
interface Extended {
  readonly text: string
  /** Pieces of text after that, and where the author wrote them. */
  readonly copies: readonly { readonly start: number; readonly length: number; readonly original: number }[]
}

/** Throws esbuild's `BuildFailure`. */
export async function bundleFunctions(root: string, views: readonly ViewFunctions[]): Promise<FunctionBundle> {
  const files = [...new Set(views.map(({ file }) => file))]
  const extended = new Map(
    files.map(file => {
      const text = readFileSync(resolve(root, file), 'utf8')
      const own = views.filter(view => view.file === file)
      return [resolve(root, file), extend(text, own)]
    }),
  )
  const contents = views.map(({ view, file }) => {
    return `export { ${functionsName(view)} as ${view} } from ${JSON.stringify(`./${file}`)}`
  })
  const result = await build({
    absWorkingDir: root,
    stdin: { contents: contents.join('\n'), resolveDir: root, sourcefile: '<entry>', loader: 'js' },
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'node',
    // ES modules where a package has both: what it keeps to itself can be seen in them.
    mainFields: ['module', 'main'],
    target: 'node20',
    charset: 'utf8',
    legalComments: 'none',
    sourcemap: 'external',
    outfile: resolve(root, 'on-demand.mjs'),
    logLevel: 'silent',
    plugins: [outside, reading(extended)],
  })
  const output = (name: string): string => result.outputFiles.find(file => file.path.endsWith(name))?.text ?? ''
  const map = new SourceMap(JSON.parse(output('.map')))
  const read = (path: string): string => extended.get(path)?.text ?? readFileSync(path, 'utf8')
  const fileOf = (path: string): string => relative(root, path).split(sep).join('/')

  const mapped = (line: number, column: number) => {
    const entry = map.findEntry(line, column)
    if (!('originalSource' in entry) || entry.originalSource.includes('<')) return null
    return { path: resolve(root, entry.originalSource), line: entry.originalLine, column: entry.originalColumn }
  }
  return {
    text: output('.mjs'),
    file: line => {
      const found = mapped(line, 0)
      return found && fileOf(found.path)
    },
    origin(line, column, written) {
      const found = mapped(line, column)
      if (!found) return null
      const text = read(found.path)
      const start = offsetOf(text, found.line, found.column)
      const whole = text.slice(start, start + written.length)
      const end = start + (plain(whole) === plain(written) ? written.length : word(text, start))
      const extension = extended.get(found.path)
      const copy = extension?.copies.find(piece => start >= piece.start && start < piece.start + piece.length)
      const moved = copy ? copy.original - copy.start : 0
      const place = placeAt(fileOf(found.path), text, start + moved, end + moved)
      return { place, text: text.slice(start, end) }
    },
  }
}

/** What is not part of the bundle: our own words, which functions may not use, and the system, likewise. */
const outside: Plugin = {
  name: 'outside',
  setup({ onResolve }) {
    const external = { external: true, sideEffects: false }
    onResolve({ filter: /^meridian(\/|$)/ }, ({ path }) => ({ path, ...external }))
    onResolve({ filter: /^(node:|[a-z])/ }, ({ path }) =>
      path.startsWith('node:') || builtinModules.includes(path) ? { path, ...external } : null,
    )
  },
}

function reading(extended: ReadonlyMap<string, Extended>): Plugin {
  return {
    name: 'functions',
    setup: ({ onLoad }) =>
      onLoad({ filter: /\.[cm]?[jt]sx?$/ }, ({ path }) => {
        const file = extended.get(path)
        return file ? { contents: file.text, loader: loaderOf(path) } : null
      }),
  }
}

function loaderOf(path: string): Loader {
  return extname(path).replace(/^\.[cm]?/, '') as Loader
}

/** The text with an export for each of the views behind it. */
function extend(text: string, views: readonly ViewFunctions[]): Extended {
  const copies: { start: number; length: number; original: number }[] = []
  let all = `${text}\n`
  for (const { view, features } of views) {
    all += `export const ${functionsName(view)} = {\n`
    for (const { name, place } of features) {
      all += `${propertyName(name)}: `
      copies.push({ start: all.length, length: place.end - place.start, original: place.start })
      all += `${text.slice(place.start, place.end)},\n`
    }
    all += '}\n'
  }
  return { text: all, copies }
}

/** The bundler writes all quotes its way. */
function plain(text: string): string {
  return text.replaceAll("'", '"')
}

function offsetOf(text: string, line: number, column: number): number {
  let offset = 0
  for (let index = 0; index < line; index += 1) offset = text.indexOf('\n', offset) + 1
  return offset + column
}

function word(text: string, start: number): number {
  return /^[\w$]+|^./s.exec(text.slice(start))?.[0].length ?? 0
}
