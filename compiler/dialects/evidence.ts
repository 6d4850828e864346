/**
 * The rows behind a value: statements that say of each row of a key whether it is part of it, and if not, why. Instants,
 * conditions and orders are those of the view's own statements, made by the same functions, so that none says otherwise.
 */
import type { Column } from '../catalog/catalog.ts'
import { describeView } from '../catalog/describe.ts'
import { templates } from '../emit/render.ts'
import { type EvidencePart, evidenceFields, evidenceParts, type Verdict } from '../plan/evidence-plan.ts'
import type { LatestGroup, ViewPlan } from '../plan/view-plan.ts'
import type { Evidence } from './dialect.ts'
import type { Expressions } from './expressions.ts'
import { selected } from './select.ts'

const render = templates(new URL('./templates/', import.meta.url))

/** What a dialect has of its own. */
export interface EvidenceWords extends Pick<Expressions, 'expression' | 'operand'> {
  /** Finds the rows of the keys: only here do dialects differ. */
  readonly render: (template: 'evidence_rows.sql', model: object) => string
  readonly identifier: (name: string) => string
  readonly interval: (microseconds: number) => string
  /** A value under a condition. */
  readonly when: (condition: string, value: string, type: Column['type']) => string
  /** A value as it leaves a statement. */
  readonly output: (node: Parameters<Expressions['expression']>[0], qualifier: string) => string
  /** What a column is ordered by. */
  readonly sortKey: (node: Parameters<Expressions['expression']>[0], qualifier: string) => string
  readonly scopeOf: (plan: ViewPlan) => EvidenceScope
  /** The fields of the template that finds the instant of each row of `spine`. */
  readonly instants: (plan: ViewPlan) => object
  /** Rows in the total order, the one that is taken first. */
  readonly order: (plan: ViewPlan, group: LatestGroup) => readonly string[]
}

export interface EvidenceScope {
  readonly name: (step: string) => string
  readonly source: string
  readonly keys: readonly { readonly name: string; readonly column: string }[]
  readonly eventTimestamp: string
  readonly createdTimestamp: string | null
}

/** Of other rows the value may not exist: a sum of theirs may overflow. */
const shown = "event.__verdict IN ('counted', 'chosen', 'expired')"

const unordered = new Set(['json', 'list', 'vector', 'bytes'])

export function evidenceStatements(words: EvidenceWords): (plan: ViewPlan, use: string, limit: number) => Evidence {
  const { identifier, interval, expression, operand, output, sortKey } = words

  function evidence(plan: ViewPlan, use: string, limit: number): Evidence {
    const scope = words.scopeOf(plan)
    const table = `${use}__evidence`
    const columns = plan.source.columns.map(column => ({ kind: 'column', ...column }) as const)
    const rows = words.render('evidence_rows.sql', {
      ...heading(plan, 'rows:  all of the key, whatever their instants, with the instant that the view is looked at'),
      ...words.instants(plan),
      spine: scope.name('spine'),
      source: scope.source,
      on: scope.keys.map(key => `${key.column} = spine.${key.name}`),
      found: `${scope.keys[0]?.column} IS NOT NULL`,
      columns: columns.map(({ name }) => selected(`event.${identifier(name)}`, identifier(name))),
    })
    const parts = evidenceParts(plan).map(part => {
      const value = computedOf(part)
      return {
        part,
        value,
        statement: render('evidence.sql', {
          ...heading(plan, `of:    ${part.name}`),
          table: identifier(table),
          judgements: judgements(part, plan, scope),
          otherwise: text(part.kind === 'measure' ? 'counted' : 'candidate'),
          latest: part.kind === 'latest' ? settling(part.group, plan, scope) : null,
          eventTimestamp: scope.eventTimestamp,
          nearest: nearest(part, plan, scope),
          limit,
          oldest: output(timestamp('__oldest'), 'event.'),
          newest: output(timestamp('__newest'), 'event.'),
          value: value === null ? null : `${words.when(shown, output(value, 'event.'), value.type)} AS __value`,
          columns: columns.map(column => selected(output(column, 'event.'), identifier(column.name))),
        }),
        fields: [
          ...evidenceFields,
          ...(value === null ? [] : [{ name: '__value', type: value.type }]),
          ...plan.source.columns,
        ] satisfies Column[],
      }
    })
    return { table, rows, parts }
  }

  /** Verdicts that do not depend on other rows. */
  function judgements(part: EvidencePart, { source }: ViewPlan, scope: EvidenceScope) {
    const { eventTimestamp, createdTimestamp } = scope
    const where = part.kind === 'measure' ? part.measure.aggregate.where : part.group.where
    const over = part.kind === 'measure' ? part.measure.aggregate.over : null
    const value = part.kind === 'measure' ? part.measure.aggregate.value : null
    const visible = (instant: string) => `(${instant} <= event.__as_of) IS NOT TRUE`
    const all: (readonly [Verdict, string] | null)[] = [
      ['offline', 'event.__as_of IS NULL'],
      [
        'undated',
        [eventTimestamp, createdTimestamp ?? []]
          .flat()
          .map(instant => `${instant} IS NULL`)
          .join(' OR '),
      ],
      ['later', visible(eventTimestamp)],
      source.createdTimestamp === null ? null : ['unknown', visible(createdTimestamp ?? '')],
      over === null ? null : ['earlier', `(${eventTimestamp} > event.__as_of - ${interval(over)}) IS NOT TRUE`],
      where === null ? null : ['filtered', `(${operand(where)}) IS NOT TRUE`],
      value === null ? null : ['null', `${expression(value, 'event.')} IS NULL`],
    ]
    return all.filter(one => one !== null).map(([verdict, condition]) => ({ verdict: text(verdict), condition }))
  }

  /** Which of the candidates is the one. */
  function settling(group: LatestGroup, plan: ViewPlan, { eventTimestamp }: EvidenceScope) {
    const { ttl } = plan.view
    return {
      order: words.order(plan, group),
      taken:
        ttl === null
          ? text('chosen')
          : `CASE WHEN ${eventTimestamp} >= event.__asked - ${interval(ttl)} THEN 'chosen' ELSE 'expired' END`,
    }
  }

  /** Which rows of a verdict are shown first: those that are nearest to being something else. */
  function nearest(part: EvidencePart, { source, view }: ViewPlan, scope: EvidenceScope): string[] {
    const oldestFirst = part.kind === 'latest' && part.group.pick === 'first'
    const direction = oldestFirst ? 'ASC NULLS FIRST' : 'DESC NULLS LAST'
    const keys = view.joinKeys.map(key => key.column)
    const instants = [source.eventTimestamp, source.createdTimestamp]
    const others = source.columns.filter(
      ({ name, type }) => !keys.includes(name) && !instants.includes(name) && !unordered.has(type.type),
    )
    const named = (name: string) => source.columns.find(column => column.name === name)
    const ties = source.tieBreak.flatMap(name => named(name) ?? []).filter(column => others.includes(column))
    const terms = [...ties, ...others.filter(column => !ties.includes(column))].map(column =>
      sortKey({ kind: 'column', ...column }, 'event.'),
    )
    const known = scope.createdTimestamp === null ? [] : [scope.createdTimestamp]
    return [
      `CASE WHEN event.__verdict = 'later' THEN ${scope.eventTimestamp} END ASC NULLS LAST`,
      ...[scope.eventTimestamp, ...known, ...terms].map(sql => `${sql} ${direction}`),
    ]
  }

  return evidence
}

/** What the part is computed from, unless that is a column of the source as it stands. */
function computedOf(part: EvidencePart) {
  const values = part.kind === 'measure' ? [part.measure.aggregate.value] : part.group.values.map(of => of.expression)
  const [value = null] = values
  return values.length === 1 && value !== null && value.kind !== 'column' ? value : null
}

function heading({ view }: ViewPlan, note: string) {
  return {
    kind: 'evidence of view',
    name: view.name,
    provenance: view.provenance,
    notes: [`value: ${describeView(view)}`, note],
  }
}

function timestamp(name: string) {
  return { kind: 'column', name, type: { type: 'timestamp' } } as const
}

function text(verdict: Verdict | 'candidate'): string {
  return `'${verdict}'`
}
