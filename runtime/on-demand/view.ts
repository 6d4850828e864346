/** An on-demand view at run time: its functions, applied to rows column by column, online as offline. */
import type { Field, OnDemandViewManifest, WireType } from '../contract.ts'
import { toDate } from '../instant.ts'
import { fromWire } from '../online/wire-literal.ts'
import { readable } from './failure.ts'
import { Draw, seedOf } from './random.ts'
import { type Convert, converter } from './values.ts'

/** What all loops over rows share. */
export interface Shared {
  readonly convert: readonly Convert[]
  readonly failed: (feature: number, row: number, error: unknown) => unknown
  readonly draw: Draw
  readonly readable: typeof readable
}

/** The emitted loop of a view: sets the values of each feature whose results are not null. */
export type ApplyRows = (
  shared: Shared,
  now: readonly Date[],
  columns: readonly (readonly unknown[])[],
  results: readonly (unknown[] | null)[],
) => void

/** What a view's functions are given, beside the features of other views. */
export interface Rows {
  /** Microseconds. */
  readonly instants: readonly bigint[]
  /** Values of `columns` of the view, in that order. */
  readonly columns: readonly (readonly unknown[])[]
  /** The view's join keys as they stand in keys of rows, for chance. */
  readonly keysOf: (row: number) => readonly (string | null)[]
}

/** One of the values that functions are given. */
export interface Given {
  /** As the statement `inputs` calls it. */
  readonly column: string
  /** Null: request data. */
  readonly of: string | null
  readonly feature: string
}

export class OnDemandRuntime {
  readonly manifest: OnDemandViewManifest
  /** What its functions are given, in the order in which the loop takes it. */
  readonly columns: readonly Given[]
  /** The value in place of null, for each feature. */
  readonly defaults: readonly unknown[]
  readonly #rows: ApplyRows
  readonly #draw = new Draw()
  /** Null for null, or the default. */
  readonly #convert: readonly Convert[]
  readonly #convertWithDefault: readonly Convert[]

  constructor(manifest: OnDemandViewManifest, rows: ApplyRows) {
    const { requested, inputs, features } = manifest
    this.manifest = manifest
    this.columns = [
      ...requested.map(({ name }): Given => ({ column: name, of: null, feature: name })),
      ...Object.keys(inputs)
        .sort()
        .flatMap(input =>
          (inputs[input] ?? []).map(({ name, of, feature }): Given => ({ column: `${input}__${name}`, of, feature })),
        ),
    ]
    this.defaults = features.map(({ type, default: literal }) => defaultOf(type, fromWire(literal, type)))
    this.#rows = rows
    this.#convert = features.map(({ type }) => orElse(converter(type), null))
    this.#convertWithDefault = features.map(({ type }, index) => orElse(converter(type), this.defaults[index]))
  }

  /** Places of features by name. */
  placeOf(feature: string): number {
    return this.manifest.features.findIndex(({ name }) => name === feature)
  }

  get fields(): readonly Field[] {
    return this.manifest.features
  }

  /**
   * The values of the features that are wanted, null for the others. `failed` says what stands for one whose function
   * failed; without defaults, null stays null.
   */
  apply(
    { instants, columns, keysOf }: Rows,
    wanted: readonly boolean[],
    failed: Shared['failed'],
    withDefaults: boolean,
  ): (unknown[] | null)[] {
    const { name, features } = this.manifest
    const results = wanted.map(isWanted => (isWanted ? new Array<unknown>(instants.length) : null))
    this.#draw.begin((row, feature) =>
      seedOf(name, features[feature]?.name ?? '', keysOf(row), instants[row] as bigint),
    )
    const convert = withDefaults ? this.#convertWithDefault : this.#convert
    this.#rows({ convert, failed, draw: this.#draw, readable }, instants.map(toDate), columns, results)
    return results
  }
}

/** As getters return it. */
function defaultOf(type: WireType, value: unknown): unknown {
  return type.type === 'timestamp' && value !== null ? toDate(value as bigint) : value
}

function orElse(convert: Convert, otherwise: unknown): Convert {
  return value => (value === null || value === undefined ? otherwise : convert(value))
}
