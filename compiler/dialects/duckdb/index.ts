/** DuckDB: `ASOF JOIN`, running totals and window frames. */
import type { Dialect } from '../dialect.ts'
import { openCatalogue } from './catalogue.ts'
import { evidence } from './evidence.ts'
import { explain, pointInTime } from './point-in-time.ts'
import { from, relation } from './relation.ts'
import { lookup, materialize, materializeChanged } from './stored.ts'
import { ticks } from './ticks.ts'
import { inputs, training } from './training.ts'
import { accepts, typeName } from './types.ts'

export const duckdb: Dialect = {
  name: 'duckdb',
  seesData: true,
  relation,
  from,
  accepts,
  isType: (type, actual) => typeName(type) === actual,
  // A query is read once a statement, whatever it is asked about.
  snapshot: () => null,
  ticks,
  pointInTime,
  materialize,
  materializeChanged,
  lookup,
  training,
  inputs,
  indexes: () => null,
  wantedIndexes: () => [],
  evidence,
  explain,
  openCatalogue,
}
