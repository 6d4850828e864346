/** A view or service evaluated on literal rows: compiled in memory, and run by the engine and the runtime of local mode. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { compileDefinitions } from '../compiler/index.ts'
import type {
  Columns,
  FeatureServiceDefinition,
  FeaturesOf,
  Infer,
  KeysOf,
  Source,
  SourceDefinition,
  TimestampType,
  ViewDefinition,
  ViewUseDefinition,
} from '../dsl/index.ts'
import { connect, type Instant, type Store } from '../runtime/index.ts'
import { definitionsOf } from './definitions-of.ts'
import { writeRows } from './rows.ts'

/** Values by column: a column that is left out is null, and a timestamp may be text. */
export type SourceRows<C extends Columns> = readonly {
  readonly [N in keyof C]?: (C[N] extends TimestampType ? Instant : Infer<C[N]>) | null
}[]

/** A source and the rows that it holds. */
export interface Rows {
  readonly source: SourceDefinition
  readonly rows: readonly Readonly<Record<string, unknown>>[]
}

/**
 * The rows of a source.
 *
 * @example
 * rows(landings, [{ origin: 'SEA', delay: 20, landed_at: '2001-06-15T11:30:00Z' }])
 */
export function rows<const C extends Columns>(source: Source<C>, list: SourceRows<C>): Rows {
  return { source, rows: list }
}

type Evaluated = ViewDefinition | ViewUseDefinition | FeatureServiceDefinition

/** Of what, for whom and as of when. */
export interface Evaluation<Keys> {
  /** The rows of sources. One that is not here has none; those that a query reads must be here, if only without rows. */
  readonly data?: readonly Rows[]
  /** What a getter is asked with: join keys and request data. */
  readonly keys: Keys
  /** The instant: what a spine's `event_timestamp` is. */
  readonly at: Instant
  /** `'exact'`: as of `at`. `'as_served'`: as of the last tick that is online by then. Default: exact. */
  readonly accuracy?: 'exact' | 'as_served'
}

/**
 * The features of a view or service for some keys at an instant, of nothing but the rows given: for tests of definitions.
 * They are what training data would hold there: compiled in memory, run on a DuckDB in a temporary folder, and on-demand
 * functions called as they stand. It takes some hundredths of a second.
 *
 * @throws Error that lists the diagnostics of definitions that do not compile, or names a source that a query reads and `data` lacks; MeridianError `spine.invalid` (keys or request
 * data), `training.failed` (a function that throws); TypeError where a row has a value that is not of its column's type
 * @example
 * const { flights_1h } = await evaluate(originStats, {
 *   data: [rows(landings, [{ origin: 'SEA', delay: 20, landed_at: '2001-06-15T11:30:00Z' }])],
 *   keys: { origin: 'SEA' },
 *   at: '2001-06-15T12:00:00Z',
 * }) // 1
 */
export async function evaluate<const V extends Evaluated>(
  subject: V,
  { data = [], keys, at, accuracy = 'exact' }: Evaluation<KeysOf<V>>,
): Promise<FeaturesOf<V>> {
  const folder = await mkdtemp(join(tmpdir(), 'meridian-testing-'))
  const functions = new Functions()
  try {
    const { service, definitions } = definitionsOf(
      subject,
      data.map(({ source }) => source),
    )
    const { diagnostics, artefacts } = compileDefinitions({
      name: 'testing',
      definitions,
      dialect: 'duckdb',
      table: tableOf,
      functions: view => functions.expression(view),
    })
    if (diagnostics.length > 0)
      throw new Error(diagnostics.map(({ code, message }) => `${code}: ${message}`).join('\n'))
    for (const definition of definitions)
      if (definition.kind === 'on_demand_feature_view')
        functions.add(
          definition.name,
          Object.fromEntries(Object.entries(definition.features).map(([name, { compute }]) => [name, compute])),
        )
    for (const { path, text } of artefacts) {
      await mkdir(dirname(join(folder, path)), { recursive: true })
      await writeFile(join(folder, path), text)
    }
    const path = join(folder, 'rows.duckdb')
    const sources = definitions.filter(definition => definition.kind === 'source')
    await writeRows(
      path,
      sources.map(source => ({
        table: tableOf(source.name),
        columns: source.columns,
        rows: data.filter(given => given.source === source).flatMap(given => given.rows),
      })),
    )
    const store = await connect(folder, { environment: 'local', duckdb: { path, threads: 1 } })
    try {
      return (await valuesOf(store, service, { ...(keys as object), event_timestamp: at }, accuracy)) as FeaturesOf<V>
    } finally {
      await store.close()
    }
  } finally {
    functions.forget()
    await rm(folder, { recursive: true, force: true })
  }
}

/** Not of the source's own name, which is that of the relation over it. */
const tableOf = (source: string): string => `rows of ${source}`

async function valuesOf(store: Store, name: string, spine: object, accuracy: 'exact' | 'as_served'): Promise<object> {
  const service = store.service<object>(name)
  const [row = {}] = await service
    .trainingData({ spine: [spine as { readonly event_timestamp: Instant }], accuracy })
    .toArray()
  const answered = store.manifest.services[name]?.answer ?? []
  return Object.fromEntries(answered.map(feature => [feature.name, (row as Record<string, unknown>)[feature.name]]))
}

/** Functions are objects of this process, which no module could import: the compiled one finds them by a number. */
class Functions {
  static readonly #all: Map<number, Map<string, object>> = new Map()
  static #next = 0
  readonly #number = Functions.#next++
  readonly #views = new Map<string, object>()

  constructor() {
    Functions.#all.set(this.#number, this.#views)
    Object.assign(globalThis, {
      [Functions.#name]: (number: number, view: string) => Functions.#all.get(number)?.get(view),
    })
  }

  static readonly #name = '__meridian_testing'

  add(view: string, functions: object): void {
    this.#views.set(view, functions)
  }

  expression(view: string): string {
    return `globalThis.${Functions.#name}(${this.#number}, ${JSON.stringify(view)})`
  }

  forget(): void {
    Functions.#all.delete(this.#number)
  }
}
