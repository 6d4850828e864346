import type { OnDemandFeatureViewDefinition } from '../../dsl/index.ts'
import { checkColumnName, checkFeatureNames } from './names.ts'
import { isLoaded, nouns, type Subject } from './subject.ts'
import { checkDefault, checkType } from './types.ts'

export function checkOnDemandView(subject: Subject<OnDemandFeatureViewDefinition>): void {
  const { name, features, inputs, request } = subject.definition
  for (const [input, view] of Object.entries(inputs)) {
    if (isLoaded(view, subject.project)) continue
    const parameters = { what: nouns[view.kind], name: view.name, user: subject.title }
    subject.report('name.not-exported', parameters, ['inputs', input])
  }
  for (const [column, type] of Object.entries(request)) {
    checkColumnName(subject, 'request column', column, ['request', column])
    checkType(subject, `request column "${column}"`, type, ['request', column, 'type'])
  }
  const names = Object.keys(features)
  if (names.length === 0) subject.report('definition.empty', { kind: 'feature_view', name }, ['features'])
  checkFeatureNames(subject, names, new Map(Object.keys(request).map(column => [column, 'request column'])))
  for (const [feature, { type, default: value }] of Object.entries(features)) {
    checkType(subject, `feature "${feature}"`, type, ['features', feature, 'type'])
    checkDefault(subject, feature, value, type)
  }
}
