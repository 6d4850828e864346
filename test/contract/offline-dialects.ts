/** The statements of the contract of offline engines, written by hand in the words of each dialect. */
import type { WireType } from '../../runtime/contract.ts'

export interface Dialect {
  readonly name: 'duckdb' | 'postgres'
  /** The parameter of a statement. */
  readonly parameter: (name: string, type: 'boolean' | 'timestamp') => string
  readonly type: (type: WireType) => string
  readonly bytes: (hex: string) => string
  readonly list: (elements: readonly string[], type: string) => string
  /** Numbers `i` from 0, as a table of this name. */
  readonly numbers: (count: number, name: string) => string
  /** The event of each of `keys(__row, k, shop)` that is last at the instant of a lookup. */
  readonly lookup: string
  /** Takes minutes. */
  readonly slow: string
}

const lookup = (keys: string, asOf: string) => `
  SELECT keys.__row, (SELECT max(e.n) FROM events AS e WHERE e.k = keys.k AND e.shop = keys.shop AND e.at <= ${asOf}) AS n
  FROM ${keys}`

export const duckdb: Dialect = {
  name: 'duckdb',
  parameter: name => `$${name}`,
  type: type => {
    if (type.type === 'vector') return `FLOAT[${type.dimensions}]`
    if (type.type === 'list') return `${duckdb.type(type.element)}[]`
    if (type.type === 'decimal') return `DECIMAL(${type.precision},${type.scale})`
    const names = {
      boolean: 'BOOLEAN',
      int32: 'INTEGER',
      int64: 'BIGINT',
      float64: 'DOUBLE',
      string: 'VARCHAR',
    } as const
    return type.type in names ? names[type.type as 'int32'] : type.type === 'bytes' ? 'BLOB' : type.type.toUpperCase()
  },
  bytes: hex => `unhex('${hex}')`,
  list: (elements, type) => `[${elements.join(', ')}]::${type}`,
  numbers: (count, name) => `range(${count}) AS ${name}(i)`,
  lookup: lookup('keys', '$as_of'),
  slow: 'SELECT count(*) AS n FROM range(1000000000) AS a(i), range(1000) AS b(j) WHERE a.i % 7 = b.j % 11',
}

export const postgres: Dialect = {
  name: 'postgres',
  parameter: (name, type) => `current_setting('meridian.${name}')::${type}`,
  type: type => {
    if (type.type === 'vector') return 'REAL[]'
    if (type.type === 'list') return `${postgres.type(type.element)}[]`
    if (type.type === 'decimal') return `NUMERIC(${type.precision},${type.scale})`
    const names = { float64: 'DOUBLE PRECISION', string: 'TEXT', bytes: 'BYTEA' } as const
    return type.type in names ? names[type.type as 'bytes'] : duckdb.type(type)
  },
  bytes: hex => `decode('${hex}', 'hex')`,
  list: (elements, type) => `ARRAY[${elements.join(', ')}]::${type}`,
  numbers: (count, name) => `generate_series(0, ${count - 1}) AS ${name}(i)`,
  lookup: lookup(
    `(SELECT k.ordinality - 1 AS __row, k.k, k.shop FROM unnest($2::text[], $3::int[]) WITH ORDINALITY AS k(k, shop, ordinality)) AS keys`,
    '$1',
  ),
  slow: 'SELECT count(*) AS n FROM generate_series(1, 100000) AS a(i), generate_series(1, 1000000) AS b(j) WHERE a.i % 7 = b.j % 11',
}
