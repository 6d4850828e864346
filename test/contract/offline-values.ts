/** A value or more of each type, as SQL and as what it is in JavaScript and to the row codec. */
import type { WireType } from '../../runtime/contract.ts'
import type { Dialect } from './offline-dialects.ts'

export interface ValueCase {
  readonly type: WireType
  /** Without a cast to the type. */
  readonly sql: (dialect: Dialect) => string
  readonly value: unknown
  /** Where the row codec takes something else. */
  readonly stored?: unknown
}

const text = (value: string): string => `'${value.replaceAll("'", "''")}'`
const of = (type: WireType, sql: string, value: unknown, stored: unknown = value): ValueCase => ({
  type,
  sql: dialect => `CAST(${sql} AS ${dialect.type(type)})`,
  value,
  stored,
})
const timestamp = (sql: string, stored: bigint): ValueCase =>
  of({ type: 'timestamp' }, text(sql), new Date(Number(stored / 1000n) - (stored % 1000n < 0n ? 1 : 0)), stored)
const bytes = (hex: string): ValueCase => ({
  type: { type: 'bytes' },
  sql: dialect => dialect.bytes(hex),
  value: Uint8Array.from(Buffer.from(hex, 'hex')),
})
const list = (element: WireType, sql: readonly string[], value: readonly unknown[], stored = value): ValueCase => ({
  type: { type: 'list', element },
  sql: dialect => dialect.list(sql, dialect.type({ type: 'list', element })),
  value,
  stored,
})

const int64 = { type: 'int64', as: 'bigint' } as const
const double = { type: 'float64' } as const
const decimal = { type: 'decimal', precision: 38, scale: 10 } as const
const string = { type: 'string' } as const

export const texts = [
  '',
  ' ',
  'NULL',
  '\\N',
  '\\.',
  "it's",
  '"',
  '""',
  ',',
  'a\tb',
  'a\nb',
  'a\r\nb',
  '\r',
  '\n\\.\n',
  '\\',
  '\\n',
]
export const moreTexts = [
  'é',
  '日本語',
  '😀',
  'u\u0308',
  '\u0001',
  '{',
  '}',
  '{a,"b"}',
  '%',
  "E'\\x'",
  '\u00a0',
  'a\ufeff',
  'x'.repeat(70_000),
]

export const cases: readonly ValueCase[] = [
  of({ type: 'boolean' }, 'TRUE', true),
  of({ type: 'boolean' }, 'FALSE', false),
  of({ type: 'int32' }, '2147483647', 2147483647),
  of({ type: 'int32' }, '(-2147483648)', -2147483648),
  of(int64, text('9223372036854775807'), 9223372036854775807n),
  of(int64, text('-9223372036854775808'), -9223372036854775808n),
  of({ type: 'int64', as: 'number' }, '9007199254740991', 9007199254740991),
  of(double, '0.1', 0.1),
  of(double, text('-0'), -0),
  of(double, text('1.7976931348623157e308'), Number.MAX_VALUE),
  of(double, text('2.2250738585072014e-308'), 2.2250738585072014e-308),
  of(double, text('nan'), Number.NaN),
  of(double, text('infinity'), Number.POSITIVE_INFINITY),
  of(double, text('-infinity'), Number.NEGATIVE_INFINITY),
  of(decimal, text('1234567890123456789012345678.0123456789'), '1234567890123456789012345678.0123456789'),
  of(decimal, text('-0.5'), '-0.5000000000'),
  // Either side of what has 64 bits.
  ...['1234567.0123456789', '-123456.0123456789', '99999999.9999999999', '-99999999.9999999999'].map(value =>
    of(decimal, text(value), value),
  ),
  ...['999999999999999999', '-99999999999999999', '-999999999999999999', '9999999999999999999'].map(value =>
    of({ type: 'decimal', precision: 38, scale: 0 }, text(value), value),
  ),
  of({ type: 'decimal', precision: 19, scale: 18 }, text('9.999999999999999999'), '9.999999999999999999'),
  of({ type: 'decimal', precision: 5, scale: 0 }, text('-7'), '-7'),
  ...[...texts, ...moreTexts].map(value => of(string, text(value), value)),
  timestamp('2001-06-15 12:00:00', 992606400000000n),
  timestamp('2001-06-15 12:00:00.000001', 992606400000001n),
  timestamp('1969-12-31 23:59:59.999999', -1n),
  timestamp('1582-10-15 01:02:03.000999', -12219289076999001n),
  timestamp('0001-01-01 00:00:00', -62135596800000000n),
  timestamp('9999-12-31 23:59:59.999999', 253402300799999999n),
  timestamp('12345-01-01 00:00:00.5', 327403382400500000n),
  bytes(''),
  bytes('00ff5c27220a0d'),
  of({ type: 'json' }, text('{"a":[1,"x\'\\n",null],"é":{"b":"\\\\"}}'), { a: [1, "x'\n", null], é: { b: '\\' } }),
  of({ type: 'json' }, text('"text"'), 'text'),
  of({ type: 'json' }, text('null'), null),
  list(int64, ['1', 'NULL', '9223372036854775807'], [1n, null, 9223372036854775807n]),
  list(double, ["'nan'", "'0.1'", "'-infinity'"], [Number.NaN, 0.1, Number.NEGATIVE_INFINITY]),
  list(string, [...texts, ...moreTexts].map(text).concat('NULL'), [...texts, ...moreTexts, null]),
  list(string, [], []),
  list({ type: 'boolean' }, ['TRUE', 'NULL', 'FALSE'], [true, null, false]),
  list(
    decimal,
    ["'0.1'", "'1234567890123456789012345678.9'"],
    ['0.1000000000', '1234567890123456789012345678.9000000000'],
  ),
  list({ type: 'timestamp' }, ["'1969-12-31 23:59:59.999999'", 'NULL'], [new Date(-1), null], [-1n, null]),
  {
    ...of({ type: 'vector', dimensions: 3 }, '0', Float32Array.of(0.1, -2, 1.5e-40)),
    sql: d => d.list(['0.1', '-2', '1.5e-40'], d.type({ type: 'vector', dimensions: 3 })),
  },
]
