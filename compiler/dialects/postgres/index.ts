/** Postgres: `LATERAL` subqueries over the indexes in `indexes.sql`, and running totals of what can be subtracted. */
import type { Dialect } from '../dialect.ts'
import { openCatalogue } from './catalogue.ts'
import { evidence } from './evidence.ts'
import { indexes } from './indexes.ts'
import { lookup, materializeChanged } from './keyed.ts'
import { materialize } from './materialize.ts'
import { explain, pointInTime } from './point-in-time.ts'
import { relation, snapshot } from './relation.ts'
import { ticks } from './ticks.ts'
import { inputs, training } from './training.ts'

export const postgres: Dialect = {
  name: 'postgres',
  seesData: false,
  relation,
  snapshot,
  ticks,
  pointInTime,
  materialize,
  materializeChanged,
  lookup,
  training,
  inputs,
  indexes,
  evidence,
  explain,
  openCatalogue,
}
