/** Postgres: `LATERAL` subqueries over the indexes in `indexes.sql`, and running totals of what can be subtracted. */
import type { Dialect } from '../dialect.ts'
import { openCatalogue } from './catalogue.ts'
import { evidence } from './evidence.ts'
import { indexes, wantedIndexes } from './indexes.ts'
import { lookup, materializeChanged } from './keyed.ts'
import { materialize } from './materialize.ts'
import { explain, pointInTime } from './point-in-time.ts'
import { from, relation, snapshot } from './relation.ts'
import { ticks } from './ticks.ts'
import { inputs, training } from './training.ts'
import { accepts, isType } from './types.ts'

export const postgres: Dialect = {
  name: 'postgres',
  seesData: false,
  relation,
  from,
  accepts,
  isType,
  snapshot,
  ticks,
  pointInTime,
  materialize,
  materializeChanged,
  lookup,
  training,
  inputs,
  indexes,
  wantedIndexes,
  evidence,
  explain,
  openCatalogue,
}
