/** Statements that read `spine`: a view's features as of each of its rows, and the spine with the features of some views. */
import { aggregates } from '../../../dsl/index.ts'
import type { Source } from '../../catalog/catalog.ts'
import { describeView } from '../../catalog/describe.ts'
import type { Measure, Output, ViewPlan } from '../../plan/view-plan.ts'
import { comment, groupOf, latestName, selected, separated } from '../select.ts'
import { when } from './functions.ts'
import { render } from './render.ts'
import { bandPart } from './steps/band.ts'
import { eventsScope, eventsSteps } from './steps/events.ts'
import { framesPart } from './steps/frames.ts'
import { latestStep } from './steps/latest.ts'
import { logPart } from './steps/log.ts'
import { spineStep } from './steps/spine.ts'
import { type Part, type Scope, scopeOf } from './steps/step.ts'
import { totalsPart } from './steps/totals.ts'
import { spineColumns } from './training.ts'
import { identifier, interval, literal } from './types.ts'

/** The features of one view, a row for each row of `spine`. */
export function pointInTime(plan: ViewPlan, alias?: string): string {
  const { view } = plan
  const whole = scopeOf(plan)
  const scope = eventsScope(whole)
  const parts = [
    ...plan.latest.map(group => {
      const { step, join } = latestStep(plan, group, scope)
      return { steps: [step], joins: [join] }
    }),
    ...measureParts(plan, scope),
  ]
  const sqlOf = (measure: Measure): string => {
    for (const part of parts) if ('measures' in part && part.measures.includes(measure)) return part.value(measure)
    throw new Error(`no step computes ${measure.name}`)
  }
  return render('statement.sql', {
    kind: 'view',
    name: alias === undefined ? view.name : `${view.name} as ${alias}`,
    provenance: view.provenance,
    notes: [`spine: ${spineColumns(view.joinKeys)}`, `value: ${describeView(view)}`],
    steps: separated([spineStep(plan, scope), ...eventsSteps(plan, whole), ...parts.flatMap(part => part.steps)]),
    result: 'features.sql',
    spine: scope.name('spine'),
    features: plan.outputs.map((output, index) => ({
      comment: comment(plan, index),
      selected: selected(featureExpression(plan, output, sqlOf), identifier(output.name)),
    })),
    joins: parts.flatMap(part => part.joins),
  })
}

interface MeasurePart extends Part {
  readonly measures: readonly Measure[]
}

/** The ways to compute a measure, with what each is called for people. */
const forms = [
  { part: totalsPart, name: 'difference of running totals' },
  { part: logPart, name: 'log of entries and exits' },
  { part: framesPart, name: 'window frame' },
  { part: bandPart, name: 'join with the rows in the window' },
] as const

type Form = (typeof forms)[number]

/** Which form computes a measure follows from what the definition says: its aggregate, its window, created timestamps. */
function formOf({ aggregate: { aggregate, value, over } }: Measure, { createdTimestamp }: Source): Form {
  const [totals, log, frames, band] = forms
  const created = createdTimestamp !== null
  if (aggregates[aggregate].totals(value?.type ?? null) !== null) return created ? log : totals
  return created && over !== null ? band : frames
}

function measureParts({ measures, source }: ViewPlan, scope: Scope): MeasurePart[] {
  return forms.flatMap(form => {
    const own = measures.filter(measure => formOf(measure, source) === form)
    return own.length === 0 ? [] : [{ measures: own, ...form.part(own, scope) }]
  })
}

/** How each feature is computed offline, in words. */
export function explain(plan: ViewPlan): ReadonlyMap<string, string> {
  const measure = (of: Measure) => formOf(of, plan.source).name
  const words = (output: Output): string => {
    switch (output.kind) {
      case 'latest':
        return 'as-of join'
      case 'measure':
        return measure(output.measure)
      case 'ratio':
        return [...new Set([measure(output.numerator), measure(output.denominator)])].join(', ')
      default:
        return output satisfies never
    }
  }
  return new Map(plan.outputs.map(output => [output.name, words(output)]))
}

function featureExpression(plan: ViewPlan, output: Output, sqlOf: (measure: Measure) => string): string {
  const withDefault = (sql: string) =>
    output.default === null ? sql : `coalesce(${sql}, ${literal(output.default, output.type)})`
  switch (output.kind) {
    case 'latest': {
      const group = groupOf(plan, output)
      const alias = identifier(latestName(group, plan.latest))
      const value = `${alias}.${identifier(output.value)}`
      if (plan.view.ttl === null) return withDefault(value)
      const oldest = `spine.event_timestamp - ${interval(plan.view.ttl)}`
      return withDefault(when(`${alias}.${identifier(group.eventTimestamp)} >= ${oldest}`, value, output.type))
    }
    case 'measure':
      return withDefault(sqlOf(output.measure))
    case 'ratio':
      return withDefault(ratio(sqlOf(output.numerator), sqlOf(output.denominator)))
    default:
      return output satisfies never
  }
}

export function ratio(numerator: string, denominator: string): string {
  const operand = (sql: string) => (/^[\w.]+$/.test(sql) ? sql : `(${sql})`)
  return `${operand(numerator)}::DOUBLE / nullif(${operand(denominator)}::DOUBLE, 0)`
}
