import type { LiteralValue, ValueType } from '../../dsl/index.ts'
import { canonicalLiteral } from '../catalog/literal.ts'
import { literalText } from './expression.ts'
import type { Subject } from './subject.ts'
import { typeText } from './type-text.ts'

/** What an index over vectors can hold in Postgres (pgvector's limit for its vector type). */
const mostDimensions = 16_000

/** Reports types that no engine has: `decimal(50, 2)`, a vector without dimensions. */
export function checkType(subject: Subject, owner: string, type: ValueType, path: readonly string[]): void {
  switch (type.type) {
    case 'decimal': {
      const { precision, scale } = type
      const inRange = (value: number, least: number, most: number): boolean =>
        Number.isInteger(value) && value >= least && value <= most
      if (!inRange(precision, 1, 38) || !inRange(scale, 0, precision)) {
        subject.report('type.decimal-range', { owner, type: typeText(type) }, path)
      }
      return
    }
    case 'vector':
      if (!Number.isInteger(type.dimensions) || type.dimensions < 1 || type.dimensions > mostDimensions) {
        subject.report('type.vector-dimensions', { owner, type: typeText(type), most: mostDimensions }, path)
      }
      return
    case 'list':
      checkType(subject, owner, type.element, path)
      return
    default:
      return
  }
}

/** Reports a default that is no value of its feature's type. */
export function checkDefault(subject: Subject, feature: string, value: LiteralValue, type: ValueType): void {
  if (value === null || canonicalLiteral(value, type) !== undefined) return
  const parameters = { value: literalText(value), feature, type: typeText(type) }
  subject.report('type.default', parameters, ['features', feature, 'default'])
}
