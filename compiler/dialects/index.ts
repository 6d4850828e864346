/** The dialects, one line each. */
import type { Dialect } from './dialect.ts'
import { duckdb } from './duckdb/index.ts'
import { postgres } from './postgres/index.ts'

export const dialects: readonly Dialect[] = [duckdb, postgres]
