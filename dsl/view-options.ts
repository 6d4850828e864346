import type { ViewOptions } from './definitions.ts'
import type { Duration } from './duration.ts'
import { unknownOptions } from './unknown-options.ts'

interface Common {
  /** Values of `last`, `first` and queries older than this are expired. An age of exactly this still counts. */
  readonly ttl?: Duration
  /** `'before'`: only rows strictly before the instant count, for labels whose own event is in the source. */
  readonly boundary?: 'at' | 'before'
  /** Who answers for the view. */
  readonly owner?: string
  /** Free words, for people and for tools that read the manifest. */
  readonly tags?: readonly string[]
}

interface Refreshed {
  /** How often the stored values are renewed: at the whole multiples of this since the Unix epoch. */
  readonly refresh: Duration
  /** Shifts the ticks. */
  readonly offset?: Duration
  /** How long after a tick its values are promised to be online. */
  readonly delay?: Duration
}

/** A view is either stored, and then says how often it is refreshed, or computed when it is read. */
export type ViewOptionsInput = Common &
  (
    | ({
        readonly materialize: true
        /**
         * How old stored values may be: beyond it, `meridian status` fails and the metrics say so. At least `refresh` and
         * `delay` together, since the values of a tick are that old when those of the next come.
         */
        readonly freshness?: Duration
      } & Refreshed)
    | ({ readonly materialize?: false; readonly freshness?: undefined } & (
        | Refreshed
        | { readonly refresh?: undefined; readonly offset?: undefined; readonly delay?: undefined }
      ))
  )

/** The options that every view has. */
const common = ['ttl', 'boundary', 'refresh', 'offset', 'delay', 'materialize', 'freshness', 'owner', 'tags']

/** `own`: the names of the options that only this kind of view has. */
export function viewOptions(options: ViewOptionsInput, own: readonly string[]): ViewOptions {
  return {
    ...unknownOptions(options, [...common, ...own]),
    ttl: options.ttl ?? null,
    boundary: options.boundary ?? 'at',
    refresh: options.refresh ?? null,
    offset: options.offset ?? null,
    delay: options.delay ?? null,
    materialize: options.materialize ?? false,
    freshness: options.freshness ?? null,
    owner: options.owner ?? null,
    tags: options.tags ?? [],
  }
}
