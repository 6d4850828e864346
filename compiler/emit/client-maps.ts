/**
 * Source maps of the client's declarations, by which editors go from a getter or a feature to its definition. They hold
 * lines, which change with every edit above, so they are no artefacts: each machine makes its own, outside of the generated folder.
 */
import type { Listed, Provenance } from '../catalog/catalog.ts'
import { camelCase, pascalCase, propertyName } from '../catalog/names.ts'
import { answeredName } from '../catalog/view-use.ts'
import type { Place } from '../diagnostics/diagnostic.ts'
import type { Locator } from '../load/locate.ts'
import type { Artefact } from './artefact.ts'
import { clientPath, mapPath, storePath } from './client-paths.ts'
import type { Plans } from './index.ts'

/** `wayToRoot`, `wayToOutput`: from the folder of maps to the project's folder, and to the generated one. */
export function clientMaps(
  plans: Plans,
  artefacts: readonly Artefact[],
  locator: Locator,
  wayToRoot: string,
  wayToOutput: string,
): Artefact[] {
  const texts = new Map(artefacts.map(({ path, text }) => [path, text]))
  const views = [...plans.views, ...plans.onDemandViews].map(({ view }) => view)
  const services = plans.services.map(({ service }) => service)
  const byName = new Map(views.map(view => [view.name, view]))
  const featureOf = (provenance: Provenance, name: string) => locator.place(provenance, ['features', name])
  const map = (path: string, targets: ReadonlyMap<string, Place | null>): Artefact => ({
    path: mapPath(path),
    text: mapText(`${wayToOutput}/${path}`, texts.get(path) ?? '', targets, wayToRoot),
  })
  const answered = ({ view, alias, features }: Listed) =>
    features.flatMap((feature): [string, Place | null][] => {
      const listed = byName.get(view)
      return alias === null || !listed
        ? []
        : [[member(answeredName(alias, feature)), featureOf(listed.provenance, feature)]]
    })
  return [
    ...views.map(({ name, provenance, features }) =>
      map(
        clientPath(name),
        new Map([
          [typeOf(name), locator.place(provenance, [])],
          ...features.map(feature => [member(feature.name), featureOf(provenance, feature.name)] as const),
        ]),
      ),
    ),
    ...services.map(({ name, provenance, views: listed }) =>
      map(clientPath(name), new Map([[typeOf(name), locator.place(provenance, [])], ...listed.flatMap(answered)])),
    ),
    map(
      storePath,
      new Map(
        [...views, ...services].map(({ name, provenance }) => [member(camelCase(name)), locator.place(provenance, [])]),
      ),
    ),
  ]
}

/** The start of the line that declares it. */
const member = (name: string): string => `  readonly ${propertyName(name)}: `
const typeOf = (name: string): string => `export type ${pascalCase(name)} = `

interface Segment {
  readonly line: number
  readonly column: number
  /** Null: it stays where it is. */
  readonly place: Place | null
}

/** Of declarations that are no target, such as keys, editors stay in the file. */
function mapText(file: string, text: string, targets: ReadonlyMap<string, Place | null>, wayToRoot: string): string {
  const segments = text.split('\n').flatMap((content, line): Segment[] => {
    const [declared = '', words = ''] =
      /^(export type |export interface | *readonly )\S.*?(: | = | \{)/.exec(content) ?? []
    return declared === '' ? [] : [{ line, column: words.length, place: targets.get(declared) ?? null }]
  })
  const files = [...new Set(segments.flatMap(({ place }) => (place ? [place.file] : [])))]
  const map = {
    version: 3,
    // TypeScript looks there for what is mapped.
    file,
    sources: files.map(file => `${wayToRoot}/${file}`),
    names: [],
    mappings: mappings(segments, files),
  }
  return `${JSON.stringify(map)}\n`
}

/** As source maps write them: lines by semicolons, and in each numbers that count from those before. */
function mappings(segments: readonly Segment[], files: readonly string[]): string {
  const lines: string[][] = []
  let [file, line, column] = [0, 0, 0]
  for (const segment of segments) {
    while (lines.length <= segment.line) lines.push([])
    const { place } = segment
    let text = vlq(segment.column)
    if (place) {
      const next = [files.indexOf(place.file), place.line - 1, place.column - 1] as const
      text += vlq(next[0] - file) + vlq(next[1] - line) + vlq(next[2] - column)
      ;[file, line, column] = next
    }
    lines[segment.line]?.push(text)
  }
  return lines.map(line => line.join(',')).join(';')
}

const digits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'

/** A number in base 64: five bits a digit from the lowest, the sign lowest of all, the sixth bit where more follow. */
function vlq(value: number): string {
  let rest = value < 0 ? (-value << 1) | 1 : value << 1
  let text = ''
  do {
    const bits = rest & 31
    rest >>>= 5
    text += digits[rest > 0 ? bits | 32 : bits]
  } while (rest > 0)
  return text
}
