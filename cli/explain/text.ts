/** What `explain` prints for people: facts, features, lineage, the definition, the plan, the key schema, statements. */
import type { Source } from '../../compiler/catalog/catalog.ts'
import {
  describeComputation,
  describeExpression,
  describeFeature,
  describeOnDemandFeature,
  describeOnDemandView,
  describeType,
  describeView,
} from '../../compiler/catalog/describe.ts'
import { describeOrigins, onDemandPath } from '../../compiler/emit/on-demand.ts'
import type { UsedBy } from '../../compiler/plan/lineage.ts'
import { isNullable, type Output, type ViewPlan } from '../../compiler/plan/view-plan.ts'
import type { Field } from '../../runtime/contract.ts'
import { table } from '../terminal.ts'
import { entryOf, formsOf, type Subject, type Written } from './subject.ts'

export interface ExplainedText {
  readonly subject: Subject
  readonly written: Written
  /** What stands before a file's name, seen from the working directory. */
  readonly prefix: string
  readonly emitted: readonly string[]
  /** Paths and texts of the key schema and of statements. */
  readonly files: readonly { readonly path: string; readonly text: string }[]
}

export function explainText({ subject, written, prefix, emitted, files }: ExplainedText): string {
  const { name, doc } = entryOf(subject)
  const place = `${prefix}${written.file}${written.line === null ? '' : `:${written.line}`}`
  const facts: Fact[] = [['defined', `${place} ${written.symbol}`], ...factsOf(subject)]
  return [
    `${subject.kind === 'service' ? 'service' : 'view'} ${name}`,
    ...(doc ? ['', doc] : []),
    '',
    aligned(facts),
    '',
    featuresTable(subject, emitted),
    '',
    section('lineage', lineage(subject)),
    ...(written.text === null ? [] : [section(place, written.text)]),
    ...(subject.kind === 'view' ? [section('plan', plan(subject.plan))] : []),
    ...files.map(({ path, text }) => section(path, text.trimEnd())),
  ].join('\n')
}

type Fact = readonly [string, string]

/** Names beside what is said of them. */
function aligned(facts: readonly Fact[]): string {
  const shown = facts.filter(([, text]) => text !== '')
  const width = Math.max(...shown.map(([name]) => name.length))
  return shown.map(([name, text]) => `${name.padEnd(width)}  ${text}`).join('\n')
}

function section(title: string, text: string): string {
  return `── ${title}\n\n${text}\n`
}

function factsOf(subject: Subject): Fact[] {
  switch (subject.kind) {
    case 'view': {
      const { view, source } = subject.plan
      return [
        ['entity', `${view.entity} (${columnsText(view.joinKeys)})`],
        ['source', describeSource(source)],
        ['is', describeView(view)],
      ]
    }
    case 'on-demand view': {
      const { view, inputs, retrieval } = subject.plan
      return [
        ['keys', columnsText(retrieval.keys)],
        ['request', columnsText(retrieval.request)],
        ...inputs.map(({ name, features }): Fact => [`input ${name}`, describeOrigins(features)]),
        ['is', describeOnDemandView(view)],
        ['functions', onDemandPath],
      ]
    }
    case 'service':
      return [
        ['keys', columnsText(subject.retrieval.keys)],
        ['request', columnsText(subject.retrieval.request)],
      ]
    default:
      return subject satisfies never
  }
}

function featuresTable(subject: Subject, emitted: readonly string[]): string {
  switch (subject.kind) {
    case 'view': {
      const { view, outputs } = subject.plan
      const forms = formsOf(subject.plan, emitted)
      const rows = outputs.map((output, index) => [
        output.name,
        `${describeType(output.type)}${isNullable(output) ? ' or null' : ''}`,
        describeFeature(view.features[index]!, view),
        ...forms.map(({ of }) => of.get(output.name) ?? ''),
      ])
      return table(['feature', 'type', 'value', ...forms.map(({ name }) => name)], rows)
    }
    case 'on-demand view':
      return table(
        ['feature', 'type', 'value'],
        subject.plan.view.features.map(feature => [
          feature.name,
          `${describeType(feature.type)}${feature.default === null ? ' or null' : ''}`,
          describeOnDemandFeature(feature),
        ]),
      )
    case 'service': {
      const { uses, onDemand, answer } = subject.retrieval
      const answered = (of: string): string =>
        answer.flatMap(({ name, of: origin }) => (origin === of ? [name] : [])).join(', ') ||
        'none: only functions see it'
      return table(
        ['view', 'is', 'features'],
        [
          ...uses.map(({ name, plan }) => [name, describeView(plan.view), answered(name)]),
          ...onDemand.map(({ view }) => [view.name, describeOnDemandView(view), answered(view.name)]),
        ],
      )
    }
    default:
      return subject satisfies never
  }
}

function lineage(subject: Subject): string {
  if (subject.kind === 'view') {
    const { sources, shared, features, usedBy } = subject.lineage
    return [
      aligned([
        ['from', sources.join(', which reads ')],
        ['by', shared.join(', ')],
        ...Object.entries(features).map(([name, columns]): Fact => [name, columns.join(', ') || 'rows alone']),
      ]),
      users(usedBy),
    ].join('\n\n')
  }
  const { views, onDemandViews, usedBy } = subject.lineage
  return [
    aligned([
      ...views.map(
        (view): Fact => [view.name, `by ${view.keys.join(', ')}, from ${view.sources.join(', which reads ')}`],
      ),
      ...onDemandViews.map((name): Fact => [name, 'a function']),
    ]),
    ...(subject.kind === 'service' ? [] : [users(usedBy)]),
  ].join('\n\n')
}

function users(usedBy: readonly UsedBy[]): string {
  if (usedBy.length === 0) return 'used by nothing'
  return usedBy
    .map(({ kind, name, as, features }) => {
      const role = as === null ? '' : ` as ${as}`
      return `used by ${kind} ${name}${role}: ${features.join(', ')}`
    })
    .join('\n')
}

function plan({ view, source, measures, latest, outputs, fields }: ViewPlan): string {
  const keys = view.joinKeys.map(({ name, column }) => (name === column ? name : `${column} = ${name}`)).join(', ')
  const stored = view.materialize ? fields.map(({ name, type }) => `${name} ${describeType(type)}`).join(', ') : ''
  return aligned([
    ['rows', `of ${source.name} by ${keys}, ${view.boundary === 'at' ? 'up to' : 'before'} the instant`],
    ...latest.map((group): Fact => {
      const where = group.where === null ? '' : ` where ${describeExpression(group.where)}`
      const values = group.values.map(({ name, expression }) => `${name} = ${describeExpression(expression)}`)
      return [`the ${group.pick}${where}`, `${values.join(', ')}, ${group.eventTimestamp}`]
    }),
    ...measures.map(({ name, aggregate }): Fact => [name, describeComputation(aggregate)]),
    ...outputs.filter(({ kind }) => kind === 'ratio').map((output): Fact => [output.name, ratioText(output)]),
    ['stored', stored],
  ])
}

function ratioText(output: Output): string {
  if (output.kind !== 'ratio') return ''
  const suffix = output.default === null ? '' : `, default ${JSON.stringify(output.default)}`
  return `${output.numerator.name} / ${output.denominator.name}${suffix}`
}

function describeSource({ name, eventTimestamp, createdTimestamp, tieBreak }: Source): string {
  const known = createdTimestamp === null ? '' : `, known at ${createdTimestamp}`
  const ties = tieBreak.length === 0 ? '' : `, ties by ${tieBreak.join(', ')}`
  return `${name}, by ${eventTimestamp}${known}${ties}`
}

function columnsText(columns: readonly Field[]): string {
  return columns.map(({ name, type }) => `${name} ${describeType(type)}`).join(', ')
}
