/**
 * Row expressions at run time: `row.delay.gt(15)` is a thin object around plain data (`expression`).
 *
 * Every such object has every method; the types in `value.ts` show each kind of value only its own.
 */
import type { Expression, FunctionName, LiteralValue } from './expression.ts'
import type { Columns } from './source.ts'
import type { MethodName, Row } from './value.ts'

export type { Row }

class RowExpression {
  readonly expression: Expression
  constructor(expression: Expression) {
    this.expression = expression
  }
}

type Method = (this: RowExpression, ...args: readonly unknown[]) => RowExpression

/** The call of a function, as an expression with methods. */
export function build(name: FunctionName, args: readonly Expression[]): RowExpression {
  return new RowExpression({ kind: 'call', function: name, arguments: args })
}

const call = (name: FunctionName): Method =>
  function (...args) {
    return build(name, [this.expression, ...args.map(toExpression)])
  }

// A record of all names that the types promise: a missing method does not compile.
const methods: Readonly<Record<MethodName, Method>> = {
  eq: call('eq'),
  ne: call('ne'),
  lt: call('lt'),
  lte: call('lte'),
  gt: call('gt'),
  gte: call('gte'),
  in: call('in'),
  between(low, high) {
    return build('and', [
      build('gte', [this.expression, toExpression(low)]).expression,
      build('lte', [this.expression, toExpression(high)]).expression,
    ])
  },
  isNull: call('is_null'),
  isNotNull() {
    return build('not', [build('is_null', [this.expression]).expression])
  },
  coalesce: call('coalesce'),
  and: call('and'),
  or: call('or'),
  not: call('not'),
  plus: call('add'),
  minus: call('subtract'),
  times: call('multiply'),
  dividedBy: call('divide'),
  modulo: call('modulo'),
  negate: call('negate'),
  abs: call('abs'),
  floor: call('floor'),
  ceil: call('ceil'),
  lower: call('lower'),
  upper: call('upper'),
  trim: call('trim'),
  length: call('length'),
  startsWith: call('starts_with'),
  endsWith: call('ends_with'),
  contains: call('contains'),
  substring: call('substring'),
  concat: call('concat'),
  year: call('year'),
  month: call('month'),
  day: call('day'),
  hour: call('hour'),
  minute: call('minute'),
  dayOfWeek: call('day_of_week'),
  secondsSince(other) {
    return build('seconds_between', [toExpression(other), this.expression])
  },
}
for (const [name, method] of Object.entries(methods))
  Object.defineProperty(RowExpression.prototype, name, { value: method })

/** The data of an expression or a constant. */
export function toExpression(value: unknown): Expression {
  if (value instanceof RowExpression) return value.expression
  return { kind: 'literal', value: value as LiteralValue }
}

/** A row whose every property is a column of that name, so that a misspelt one reaches the compiler, which reports it. */
export function rowOf<C extends Columns>(): Row<C> {
  const columns = new Proxy(Object.create(null) as object, {
    get: (_target, name) => new RowExpression({ kind: 'column', name: String(name) }),
  })
  return columns as Row<C>
}
