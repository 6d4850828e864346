/** DuckDB: `ASOF JOIN`, running totals and window frames. */
import type { Dialect } from '../dialect.ts'
import { openCatalogue } from './catalogue.ts'
import { explain, pointInTime, training } from './point-in-time.ts'
import { relation } from './relation.ts'
import { lookup, materialize } from './stored.ts'

export const duckdb: Dialect = {
  name: 'duckdb',
  relation,
  pointInTime,
  materialize,
  lookup,
  training,
  explain,
  openCatalogue,
}
