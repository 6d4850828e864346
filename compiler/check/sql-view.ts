import type { SqlFeatureViewDefinition, SqlText, ValueType } from '../../dsl/index.ts'
import { checkFeatureNames } from './names.ts'
import { checkReferences, checkTimeColumns } from './source.ts'
import type { Subject } from './subject.ts'
import { checkDefault, checkType } from './types.ts'
import { checkViewOptions } from './view-options.ts'

export function checkSqlView(subject: Subject<SqlFeatureViewDefinition>): void {
  const { definition, title } = subject
  const { name, entity, columns, features, tieBreak } = definition
  checkViewOptions(subject, name, definition)
  checkQuery(subject)
  const names = Object.keys(features)
  if (names.length === 0) subject.report('definition.empty', { kind: 'feature_view', name }, ['features'])
  checkFeatureNames(subject, names, new Map(Object.keys(entity.joinKeys).map(key => [key, 'join key'])))
  for (const [feature, { type, default: value }] of Object.entries(features)) {
    checkType(subject, `feature "${feature}"`, type, ['features', feature, 'type'])
    checkDefault(subject, feature, value, type)
  }
  for (const [column, type] of Object.entries(columns)) {
    checkType(subject, `column "${column}" of ${title}`, type, ['columns', column, 'type'])
  }
  const types = Object.entries(features).map(([feature, { type }]): [string, ValueType] => [feature, type])
  const declared: Readonly<Record<string, ValueType>> = { ...entity.joinKeys, ...columns, ...Object.fromEntries(types) }
  checkTimeColumns(subject, definition, declared, { timestampsDeclared: false })
  if (tieBreak.length === 0) {
    subject.report('time.no-total-order', { view: name, features: [], owner: title }, ['name'])
  }
}

function checkQuery(subject: Subject<SqlFeatureViewDefinition>): void {
  const { name, query } = subject.definition
  if ('kind' in query) {
    checkReferences(subject, query, ['query'])
    return
  }
  const texts = query as Readonly<Record<string, SqlText | undefined>>
  const given = Object.keys(texts).filter(dialect => texts[dialect] !== undefined)
  for (const dialect of subject.project.dialects) {
    const text = texts[dialect]
    if (text) checkReferences(subject, text, ['query', dialect])
    else subject.report('sql.missing-dialect', { view: name, dialect, given }, ['query'])
  }
}
