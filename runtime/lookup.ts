/** Views that are not stored, computed for a read: one statement for each view, all at once. */
import type { ViewManifest } from './contract.ts'
import { MeridianError } from './errors.ts'
import type { Keys } from './keys.ts'
import type { StoredValue } from './online/row.ts'
import type { ComputedPart, Parts } from './retrieval-plan.ts'
import { type Environment, relationsOf, type ViewRuntime } from './view-runtime.ts'

/** Values of each request in turn, by the use they are of. */
export type LookedUp = ReadonlyMap<ComputedPart, readonly (readonly StoredValue[])[]>

/** @throws MeridianError `lookup.failed`, `database.unavailable`, `source.invalid`, `aborted` */
export async function lookUp(
  environment: Environment,
  parts: readonly ComputedPart[],
  requests: readonly Keys[],
  keys: readonly Parts[],
  at: bigint,
  signal: AbortSignal | undefined,
): Promise<LookedUp> {
  const views = [...new Set(parts.map(({ view }) => view))]
  const found = await Promise.all(
    views.map(async view => {
      const uses = parts.filter(part => part.view === view)
      const { rows, places } = distinct(uses, requests, keys)
      const values = await lookUpView(environment, view, rows, at, signal)
      return uses.map((use, index) => [use, places[index]?.map(place => values[place] as StoredValue[])] as const)
    }),
  )
  return new Map(found.flat().map(([use, values]) => [use, values ?? []]))
}

/** The keys that uses of one view ask for, each once, and where those of each use and request stand. */
function distinct(uses: readonly ComputedPart[], requests: readonly Keys[], keys: readonly Parts[]) {
  const rows: unknown[][] = []
  const known = new Map<string, number>()
  const places = uses.map(({ use, places }) =>
    requests.map((request, index) => {
      const text = places.map(place => keys[index]?.[place] ?? '%').join('')
      const place = known.get(text)
      if (place !== undefined) return place
      known.set(text, rows.length)
      return rows.push(use.keys.map(name => request[name])) - 1
    }),
  )
  return { rows, places }
}

async function lookUpView(
  environment: Environment,
  view: ViewRuntime,
  rows: readonly (readonly unknown[])[],
  at: bigint,
  signal: AbortSignal | undefined,
): Promise<StoredValue[][]> {
  const { engine, artefacts } = environment
  const { manifest } = view
  if (environment.absent) return rows.map(() => emptyValues(manifest))
  const path = manifest.statements[engine.dialect]?.lookup
  if (!path)
    throw new MeridianError('artefacts.unreadable', `view "${manifest.name}" has no lookup for ${engine.dialect}`)
  const session = await engine.session(relationsOf(environment, [manifest]))
  try {
    const request = { keys: manifest.keys, rows, asOf: at }
    const { names, chunks } = await session.lookup(artefacts.statement(path), request, view.columns, { signal })
    const row = names.indexOf('__row')
    const fields = manifest.layout.fields.map(({ name }) => names.indexOf(name))
    const found = new Array<StoredValue[]>(rows.length)
    for await (const { rowCount, columns } of chunks)
      for (let index = 0; index < rowCount; index += 1)
        found[Number(columns[row]?.[index])] = fields.map(field => columns[field]?.[index] as StoredValue)
    return found
  } finally {
    session.release()
  }
}

/** What a lookup finds of a key without rows. */
function emptyValues({ layout, features }: ViewManifest): StoredValue[] {
  return layout.fields.map(({ name }) => features.find(feature => feature.name === name)?.empty ?? null)
}
