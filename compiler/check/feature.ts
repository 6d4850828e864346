import {
  type AggregateFeature,
  type AggregateKind,
  aggregates,
  type Expression,
  type FeatureDefinition,
  type FeatureViewDefinition,
  type ValueType,
} from '../../dsl/index.ts'
import { article, resolveExpression } from './expression.ts'
import { isNumber } from './signatures.ts'
import type { Subject } from './subject.ts'
import { typeText } from './type-text.ts'
import { checkDefault } from './types.ts'
import { checkDuration } from './view-options.ts'

type View = Subject<FeatureViewDefinition>
type Path = readonly string[]

/** Reports what is wrong with a feature's expressions, window and default. */
export function checkFeature(subject: View, name: string, feature: FeatureDefinition): void {
  const path = ['features', name]
  const type = featureType(subject, feature, path)
  if (type) checkDefault(subject, name, feature.default, type)
}

/** The feature's type; null where its mistakes leave none. */
function featureType(subject: View, feature: FeatureDefinition, path: Path): ValueType | null {
  switch (feature.kind) {
    case 'latest':
      checkWhere(subject, feature.where, path)
      return resolved(subject, feature.value, [...path, 'value'])
    case 'aggregate':
      return aggregateType(subject, feature, path)
    case 'ratio':
      checkRatioPart(subject, 'numerator', feature.numerator, path)
      checkRatioPart(subject, 'denominator', feature.denominator, path)
      return { type: 'float64' }
    default:
      return feature satisfies never
  }
}

function aggregateType(subject: View, feature: AggregateFeature, path: Path): ValueType | null {
  checkWhere(subject, feature.where, path)
  checkDuration(subject, 'over', feature.over, [...path, 'over'])
  const kind: AggregateKind = aggregates[feature.aggregate]
  const { name: aggregate, argument, accepts, accepted, result } = kind
  const valuePath = [...path, 'value']
  if (feature.value === null) {
    if (argument !== 'required') return result(null)
    subject.report('type.aggregate-argument', { aggregate, accepted, actual: null }, valuePath)
    return null
  }
  const type = resolved(subject, feature.value, valuePath)
  if (!type) return null
  if (accepts(type)) return result(type)
  subject.report('type.aggregate-argument', { aggregate, accepted, actual: typeText(type) }, valuePath)
  return null
}

function checkRatioPart(subject: View, part: 'numerator' | 'denominator', feature: AggregateFeature, path: Path): void {
  const partPath = [...path, part]
  const complain = (problem: string): void => subject.report('type.ratio', { part, problem }, partPath)
  if (feature.kind !== 'aggregate') {
    complain('is no aggregate')
    return
  }
  if (feature.default !== null) complain('has a default of its own, which a ratio does not use')
  const type = aggregateType(subject, feature, partPath)
  if (type && !isNumber(type)) complain(`is ${article(typeText(type))}, not a number`)
}

function checkWhere(subject: View, where: Expression | null, path: Path): void {
  if (where === null) return
  const wherePath = [...path, 'where']
  const { problems } = resolveExpression(where, subject.definition.source.columns, { type: 'boolean' })
  for (const problem of problems) {
    if (problem.kind === 'unexpected') {
      subject.report('type.where-not-boolean', { actual: typeText(problem.actual) }, wherePath)
    }
  }
  report(subject, problems, wherePath)
}

function resolved(subject: View, expression: Expression, path: Path): ValueType | null {
  const { typed, problems } = resolveExpression(expression, subject.definition.source.columns)
  report(subject, problems, path)
  return typed?.type ?? null
}

type Problems = ReturnType<typeof resolveExpression>['problems']

function report(subject: View, problems: Problems, path: Path): void {
  const { source } = subject.definition
  for (const problem of problems) {
    switch (problem.kind) {
      case 'unknown-column': {
        const { column } = problem
        const parameters = { owner: `source "${source.name}"`, column, columns: Object.keys(source.columns) }
        subject.report('name.unknown-column', parameters, [...path, `column:${column}`])
        break
      }
      case 'type':
        subject.report('type.expression', { problem: problem.message }, [...path, problem.part])
        break
      case 'unexpected':
        break
      default:
        problem satisfies never
    }
  }
}
