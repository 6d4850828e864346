/** Random row expressions. Numbers stay small enough that nothing overflows: what does is an error, not a value. */
import type { Expression, FunctionName, LiteralValue, ValueType } from '../../dsl/index.ts'
import { typeOf } from '../reference/type-of.ts'
import type { Draw } from './draw.ts'
import { constantOf } from './values.ts'

export type Columns = Readonly<Record<string, ValueType>>

const call = (name: FunctionName, ...args: readonly Expression[]): Expression => ({
  kind: 'call',
  function: name,
  arguments: args,
})
const constant = (value: LiteralValue): Expression => ({ kind: 'literal', value })

export const isNumeric = (type: ValueType): boolean => ['int32', 'int64', 'float64', 'decimal'].includes(type.type)
export const isScalar = (type: ValueType): boolean => !['bytes', 'json', 'list', 'vector'].includes(type.type)

export class Expressions {
  readonly #draw: Draw
  readonly #columns: Columns
  constructor(draw: Draw, columns: Columns) {
    this.#draw = draw
    this.#columns = columns
  }

  typeOf(expression: Expression): ValueType {
    return typeOf(expression, this.#columns)!
  }

  /** A column whose type is accepted; null where there is none. */
  column(accepts: (type: ValueType) => boolean): Expression | null {
    const names = Object.keys(this.#columns).filter(name => accepts(this.#columns[name]!))
    return names.length === 0 ? null : { kind: 'column', name: this.#draw.pick(names) }
  }

  #timestamp(): Expression {
    return this.column(type => type.type === 'timestamp')!
  }

  number(depth: number): Expression {
    const draw = this.#draw
    const column = this.column(isNumeric) ?? call('hour', this.#timestamp())
    if (depth === 0 || draw.chance(35)) return column
    const inner = this.number(depth - 1)
    const type = this.typeOf(inner)
    const integer = type.type === 'int32' || type.type === 'int64'
    const other = draw.chance(50) ? constant(constantOf(draw, type)) : this.number(0)
    switch (draw.below(9)) {
      case 0:
        return this.#small(inner) ? call(draw.pick(['add', 'subtract']), inner, other) : inner
      case 1: {
        const factor = constant(draw.pick([2, 3, -1, 10]))
        return this.#small(inner)
          ? call('multiply', inner, draw.chance(30) && this.#small(other) ? other : factor)
          : inner
      }
      case 2:
        return call('divide', inner, other)
      case 3:
        return integer ? call('modulo', inner, constant(draw.pick([0, 2, 3, -7]))) : call('floor', inner)
      case 4:
        return call(draw.pick(['negate', 'abs', 'floor', 'ceil']), inner)
      case 5:
        return call('coalesce', inner, other)
      case 6:
        return call('case', this.condition(depth - 1), inner, draw.chance(30) ? constant(null) : other)
      case 7:
        return call('length', this.text(depth - 1))
      default:
        return this.#ofTime()
    }
  }

  /** Whether sums and products of it stay far from the limits of its type. */
  #small(expression: Expression): boolean {
    if (expression.kind === 'call') return expression.arguments.every(argument => this.#small(argument))
    if (expression.kind === 'literal') return true
    const type = this.#columns[expression.name]!
    return type.type === 'int64' ? type.as === 'number' : type.type !== 'decimal' || type.scale > 0
  }

  #ofTime(): Expression {
    const draw = this.#draw
    const at = this.#timestamp()
    if (draw.chance(30)) return call('seconds_between', at, draw.chance(50) ? this.#timestamp() : constant(new Date(0)))
    return call(draw.pick(['year', 'month', 'day', 'hour', 'minute', 'day_of_week']), at)
  }

  text(depth: number): Expression {
    const draw = this.#draw
    const column = this.column(type => type.type === 'string')
    if (!column) return call('case', this.condition(0), constant('yes'), constant('no'))
    if (depth === 0 || draw.chance(40)) return column
    const inner = this.text(depth - 1)
    switch (draw.below(4)) {
      case 0:
        return call('concat', inner, draw.chance(50) ? constant(constantOf(draw, { type: 'string' })) : column)
      case 1:
        return call(draw.pick(['lower', 'upper', 'trim']), inner)
      case 2:
        return call('substring', inner, constant(draw.between(1, 3)), constant(draw.below(3)))
      default:
        return call('coalesce', inner, constant('none'))
    }
  }

  condition(depth: number): Expression {
    const draw = this.#draw
    if (depth > 0 && draw.chance(40)) {
      const parts = draw.list(draw.between(2, 3), () => this.condition(depth - 1))
      return draw.chance(25) ? call('not', parts[0]!) : call(draw.pick(['and', 'or']), ...parts)
    }
    const choice = draw.below(6)
    if (choice === 0) return this.column(type => type.type === 'boolean') ?? call('is_null', this.column(() => true)!)
    if (choice === 1) return call('is_null', this.column(() => true)!)
    if (choice === 2) {
      const text = this.text(Math.max(0, depth - 1))
      return call(
        draw.pick(['starts_with', 'ends_with', 'contains']),
        text,
        constant(constantOf(draw, { type: 'string' })),
      )
    }
    const left = draw.chance(70) ? this.number(Math.max(0, depth - 1)) : this.column(isScalar)!
    const type = this.typeOf(left)
    const isConstant = () => draw.chance(70) || !isNumeric(type)
    const operand = (fixed: boolean) => (fixed ? constant(constantOf(draw, type)) : this.number(0))
    if (choice === 3) {
      // Beside a number of a wider type, a constant of this one would be none of the type that all are compared as.
      const fixed = isConstant()
      return call('in', left, ...draw.list(draw.between(1, 3), () => operand(fixed)))
    }
    const equality = type.type === 'boolean'
    return call(
      draw.pick(equality ? ['eq', 'ne'] : ['eq', 'ne', 'lt', 'lte', 'gt', 'gte']),
      left,
      operand(isConstant()),
    )
  }

  /** Any value a feature can take its last of. */
  any(depth: number): Expression {
    const draw = this.#draw
    if (draw.chance(60)) return this.column(() => true)!
    return draw.pick([() => this.number(depth), () => this.text(depth), () => this.condition(depth)])()
  }
}
