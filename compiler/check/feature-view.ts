import type { Expression, FeatureViewDefinition } from '../../dsl/index.ts'
import { checkFeature } from './feature.ts'
import { checkColumnName, checkFeatureNames } from './names.ts'
import { relatedTo, type Subject } from './subject.ts'
import { sameType, typeText } from './type-text.ts'
import { checkViewOptions } from './view-options.ts'

export function checkFeatureView(subject: Subject<FeatureViewDefinition>): void {
  const { name, entity, features } = subject.definition
  checkViewOptions(subject, name, subject.definition)
  checkJoinKeys(subject)
  const names = Object.keys(features)
  if (names.length === 0) subject.report('definition.empty', { kind: 'feature_view', name }, ['features'])
  checkFeatureNames(subject, names, new Map(Object.keys(entity.joinKeys).map(key => [key, 'join key'])))
  for (const [feature, definition] of Object.entries(features)) checkFeature(subject, feature, definition)
  checkOrder(subject)
}

function checkJoinKeys(subject: Subject<FeatureViewDefinition>): void {
  const { entity, source, joinKeys } = subject.definition
  for (const joinKey of Object.keys(joinKeys)) {
    if (Object.hasOwn(entity.joinKeys, joinKey)) continue
    const parameters = { entity: entity.name, joinKey, joinKeys: Object.keys(entity.joinKeys) }
    subject.report('name.unknown-join-key', parameters, ['joinKeys', joinKey])
  }
  const columns = Object.keys(source.columns)
  for (const [joinKey, type] of Object.entries(entity.joinKeys)) {
    const mapped = Object.hasOwn(joinKeys, joinKey) ? joinKeys[joinKey] : undefined
    const column = mapped ?? joinKey
    const path = mapped === undefined ? ['source'] : ['joinKeys', joinKey]
    const actual = Object.hasOwn(source.columns, column) ? source.columns[column] : undefined
    if (mapped !== undefined) checkColumnName(subject, 'column of a join key', mapped, path)
    if (!actual) {
      const owner = `source "${source.name}"`
      if (mapped !== undefined) subject.report('name.unknown-column', { owner, column, columns }, path)
      else {
        const problem = { kind: 'missing', source: source.name, columns } as const
        subject.report('type.join-key', { joinKey, entity: entity.name, problem }, path)
      }
    } else if (!sameType(type, actual)) {
      const owner = `column "${column}" of source "${source.name}"`
      const problem = { kind: 'other-type', declared: typeText(type), owner, actual: typeText(actual) } as const
      subject.report('type.join-key', { joinKey, entity: entity.name, problem }, path, [
        relatedTo(entity, subject.project, ['joinKeys', joinKey], `declared ${typeText(type)}`),
        relatedTo(source, subject.project, ['columns', column], `declared ${typeText(actual)}`),
      ])
    }
  }
}

/**
 * `last` and `first` need an order that leaves no ties; aggregates do not care, nor does a value that tied rows share:
 * one of their join keys and timestamps.
 */
function checkOrder(subject: Subject<FeatureViewDefinition>): void {
  const { name, entity, source, joinKeys, features } = subject.definition
  if (source.tieBreak.length > 0) return
  const keys = Object.keys(entity.joinKeys).map(key => joinKeys[key] ?? key)
  const shared = [...keys, source.eventTimestamp, source.createdTimestamp]
  const latest = Object.keys(features).filter(name => {
    const feature = features[name]!
    return feature.kind === 'latest' && columnsOf(feature.value).some(column => !shared.includes(column))
  })
  const [first] = latest
  if (first === undefined) return
  const owner = `source "${source.name}"`
  subject.report(
    'time.no-total-order',
    { view: name, features: latest, owner },
    ['features', first],
    [relatedTo(source, subject.project, [], 'without tieBreak')],
  )
}

function columnsOf(expression: Expression): readonly string[] {
  if (expression.kind === 'call') return expression.arguments.flatMap(columnsOf)
  return expression.kind === 'column' ? [expression.name] : []
}
