/** Values of each type: few, so that they meet, and with the awkward ones among them. */
import type { LiteralValue, ValueType } from '../../dsl/index.ts'
import { instant, type Literal } from '../reference/index.ts'
import type { Draw } from './draw.ts'

const texts = [
  '',
  'a',
  'A',
  'b',
  'ab',
  ' a ',
  "it's",
  '"q"',
  'é',
  '\u{1F600}x',
  '\uFFFD',
  'a%b_',
  '{k}:v',
  '\u00A0a ',
  'NULL',
]
const integers = [0, 1, -1, 2, 3, 7, 10, -15, 60, 1000, -999]
const wide = [0n, 1n, -1n, 5n, 12n, 1_000_000n, -77n, 9007199254740993n, -9007199254740993n, 2n ** 55n]
/** Sums of these are exact in any order. */
const floats = [0, 0.5, -0.25, 1, 2, 3.125, -7.5, 1000.5, 12345.625]
const special = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
const instants = [
  '2024-03-10T12:00:00',
  '2024-03-10T11:59:59.999999',
  '2023-12-31T23:59:59.5',
  '1969-12-31T23:59:59.999',
]

/** Never null. */
export function value(draw: Draw, type: ValueType): Literal {
  switch (type.type) {
    case 'boolean':
      return draw.chance(50)
    case 'int32':
      return draw.pick(integers)
    case 'int64':
      return type.as === 'number' ? BigInt(draw.pick(integers)) : draw.pick(wide)
    case 'float64':
      return draw.pick(draw.chance(15) ? special : floats)
    case 'decimal':
      return decimal(draw, type.scale)
    case 'string':
      return draw.pick(texts)
    case 'timestamp':
      return instant(draw.pick(instants))
    case 'bytes':
      return Uint8Array.from(draw.list(draw.below(3), () => draw.pick([0, 39, 92, 255])))
    case 'json':
      return draw.pick(['{"a":[1,"x\'"],"b":null}', '[]', '"text"', '1.5', 'true'])
    case 'list':
      return draw.list(draw.below(4), () => value(draw, type.element))
    case 'vector':
      return draw.list(type.dimensions, () => draw.pick([0, 0.5, -2, 1024.25]))
    default:
      return type satisfies never
  }
}

function decimal(draw: Draw, scale: number): string {
  const whole = draw.pick(['0', '1', '-1', '12', '-345', '99999'])
  if (scale === 0) return draw.chance(20) ? '12345678901234567890' : whole
  const fraction = draw.pick(['0', '5', '25', '01', '99'])
  return `${whole}.${fraction.padEnd(scale, '0').slice(0, scale)}`
}

/** A constant of the type in a definition. */
export function constantOf(draw: Draw, type: ValueType): LiteralValue {
  switch (type.type) {
    case 'int64':
      return draw.chance(50) ? draw.pick(integers) : BigInt(draw.pick(integers))
    case 'float64':
      return draw.pick(floats)
    case 'timestamp':
      return new Date(Number(instant(draw.pick(instants)) / 1000n))
    case 'boolean':
    case 'int32':
    case 'decimal':
    case 'string':
      return value(draw, type) as LiteralValue
    default:
      return null
  }
}

export function duckdbType(type: ValueType): string {
  switch (type.type) {
    case 'boolean':
      return 'BOOLEAN'
    case 'int32':
      return 'INTEGER'
    case 'int64':
      return 'BIGINT'
    case 'float64':
      return 'DOUBLE'
    case 'decimal':
      return `DECIMAL(${type.precision},${type.scale})`
    case 'string':
      return 'VARCHAR'
    case 'timestamp':
      return 'TIMESTAMP'
    case 'bytes':
      return 'BLOB'
    case 'json':
      return 'JSON'
    case 'list':
      return `${duckdbType(type.element)}[]`
    case 'vector':
      return `FLOAT[${type.dimensions}]`
    default:
      return type satisfies never
  }
}

/** The type of a column of a Postgres table. */
export function postgresType(type: ValueType): string {
  switch (type.type) {
    case 'float64':
      return 'DOUBLE PRECISION'
    case 'string':
      return 'TEXT'
    case 'bytes':
      return 'BYTEA'
    case 'list':
      return `${postgresType(type.element)}[]`
    case 'vector':
      return 'REAL[]'
    case 'boolean':
    case 'int32':
    case 'int64':
    case 'decimal':
    case 'timestamp':
    case 'json':
      return duckdbType(type)
    default:
      return type satisfies never
  }
}

export const quoteName = (name: string): string => `"${name.replaceAll('"', '""')}"`
const quoteText = (text: string): string => `'${text.replaceAll("'", "''")}'`

/** The value as DuckDB writes it. */
export function duckdbLiteral(value: Literal | undefined, type: ValueType): string {
  if (value === null || value === undefined) return 'NULL'
  switch (type.type) {
    case 'timestamp':
      return `make_timestamp(${value})`
    case 'bytes':
      return `from_hex('${Buffer.from(value as Uint8Array).toString('hex')}')`
    case 'list':
    case 'vector': {
      const element: ValueType = type.type === 'list' ? type.element : { type: 'float64' }
      return `[${(value as Literal[]).map(item => duckdbLiteral(item, element)).join(', ')}]::${duckdbType(type)}`
    }
    default:
      return `${quoteText(String(value))}::${duckdbType(type)}`
  }
}

/** The value as Postgres writes it. */
export function postgresLiteral(value: Literal | undefined, type: ValueType): string {
  if (value === null || value === undefined) return 'NULL'
  switch (type.type) {
    case 'timestamp':
      return `(TIMESTAMP 'epoch' + ${value} * INTERVAL '1 microsecond')`
    case 'bytes':
      return `'\\x${Buffer.from(value as Uint8Array).toString('hex')}'::BYTEA`
    case 'list':
    case 'vector': {
      const element: ValueType = type.type === 'list' ? type.element : { type: 'float64' }
      return `ARRAY[${(value as Literal[]).map(item => postgresLiteral(item, element)).join(', ')}]::${postgresType(type)}`
    }
    default:
      return `${quoteText(String(value))}::${postgresType(type)}`
  }
}
