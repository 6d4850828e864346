/** The stored rows of some keys at an instant: of those that are asked for, or of those that can have changed. */
import { describeView } from '../../catalog/describe.ts'
import type { ViewPlan } from '../../plan/view-plan.ts'
import { windowsLeft } from '../changes.ts'
import { instantStep, strictly } from './instants.ts'
import { headerLateral, latestLateral, windowsLateral } from './laterals.ts'
import { storedFields } from './materialize.ts'
import { windowValue } from './point-in-time.ts'
import { render } from './render.ts'
import { type Scope, scopeOf } from './scope.ts'
import { identifier, interval, typeName } from './types.ts'

export function lookup(plan: ViewPlan): string {
  const { view } = plan
  const arrays = view.joinKeys.map((key, index) => `$${index + 2}::${typeName(key.type)}[]`)
  const names = view.joinKeys.map(key => identifier(key.name))
  return keyed(plan, {
    template: 'lookup.sql',
    base: 'keys',
    asOf: strictly(view.boundary, '$1::TIMESTAMP'),
    note: `keys:  ${names.map((name, index) => `${name} in ${arrays[index]}`).join(', ')}; what each has at $1, before ttl and defaults`,
    parts: { arrays, names },
  })
}

export function materializeChanged(plan: ViewPlan): string {
  const scope = scopeOf(plan)
  const { step, value } = instantStep(scope, ['as_of', 'since'])
  return keyed(plan, {
    template: 'materialize_changed.sql',
    base: 'changed',
    asOf: strictly(plan.view.boundary, value('as_of')),
    note: 'rows:  every key whose row at meridian.as_of can differ from its row at meridian.since, before ttl and defaults',
    parts: { ...step, relation: scope.name('changed'), ways: changes(plan, scope, value), headers: true },
  })
}

interface Form {
  readonly template: string
  readonly base: string
  readonly asOf: string
  readonly note: string
  readonly parts: object
}

function keyed(plan: ViewPlan, { template, base, asOf, note, parts }: Form): string {
  const { view, measures, latest } = plan
  const scope = scopeOf(plan)
  const at = { base, asOf }
  return render(template, {
    kind: 'view',
    name: view.name,
    provenance: view.provenance,
    notes: [`value: ${describeView(view)}`, note],
    keys: scope.keys,
    fields: storedFields(plan, windowValue),
    laterals: [
      ...('headers' in parts ? [headerLateral(scope, at)] : []),
      ...latest.map(group => latestLateral(plan, group, scope, at)),
      ...(measures.length === 0 ? [] : [windowsLateral(measures, scope, at)]),
    ],
    ...parts,
  })
}

/** The ways in which a key's row can change: a row became visible, or left a window. */
function changes(plan: ViewPlan, scope: Scope, instant: (name: 'as_of' | 'since') => string) {
  const { boundary } = plan.view
  const [since, asOf] = [strictly(boundary, instant('since')), strictly(boundary, instant('as_of'))]
  const countable = scope.keys.map(key => `${key.column} IS NOT NULL`)
  const way = (filters: readonly string[]) => ({
    keys: scope.keys,
    source: scope.source,
    filters: [...countable, ...filters],
  })
  const visible = scope.instants.map(instant => `${instant} <= ${asOf}`)
  const ways = [
    // With two timestamps a row becomes visible at the later one: each may be it.
    ...scope.instants.map(instant => way([`${instant} > ${since}`, ...visible])),
    ...windowsLeft(plan).map(over =>
      way([
        `${scope.eventTimestamp} > ${since} - ${interval(over)}`,
        `${scope.eventTimestamp} <= ${asOf} - ${interval(over)}`,
        ...visible.slice(1),
      ]),
    ),
  ]
  // A union is of different keys anyway.
  return ways.map(each => ({ ...each, distinct: ways.length === 1 }))
}
