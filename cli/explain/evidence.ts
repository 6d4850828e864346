/** Why values are what they are: the values of one key at an instant, the rows that made them, and the rows that did not. */
import type { Column } from '../../compiler/catalog/catalog.ts'
import { describeComputation, describeExpression, describeFeature } from '../../compiler/catalog/describe.ts'
import type { Dialect, Evidence } from '../../compiler/dialects/dialect.ts'
import { dialects } from '../../compiler/dialects/index.ts'
import { statementPaths } from '../../compiler/emit/sql.ts'
import type { Verdict } from '../../compiler/plan/evidence-plan.ts'
import { columnsOf } from '../../compiler/plan/lineage.ts'
import type { OnDemandPlan, UsePlan } from '../../compiler/plan/retrieval-plan.ts'
import { inputColumn, onDemandInputs, type TrainingPlan, useTable } from '../../compiler/plan/training-plan.ts'
import type { Output } from '../../compiler/plan/view-plan.ts'
import type { Inspection } from '../../runtime/index.ts'
import { parseArguments } from '../arguments.ts'
import { CommandError, exitCodes } from '../exit-codes.ts'
import { nearest } from '../nearest.ts'
import { handleOf, type RunOptions, withStore } from '../open.ts'
import { storedEvidence } from './evidence-stored.ts'
import { isoText, shown } from './evidence-values.ts'
import type { ExplainedKey, ExplainedPart, ExplainedUse } from './explained.ts'
import { entryOf, type Subject } from './subject.ts'

export interface EvidenceOptions {
  readonly key?: readonly string[]
  readonly request?: readonly string[]
  readonly asOf?: string
  readonly accuracy?: 'exact' | 'as_served'
  readonly ticks?: 'scheduled' | 'recorded'
  /** How many rows of each kind are shown. */
  readonly rows?: string
  /** Only this feature. */
  readonly feature?: string
}

type Row = Readonly<Record<string, unknown>>

export async function findEvidence(
  subject: Subject,
  texts: ReadonlyMap<string, string>,
  options: EvidenceOptions & RunOptions,
): Promise<ExplainedKey> {
  const { retrieval } = subject
  const { name } = entryOf(subject)
  const given = parseArguments([...(options.key ?? []), ...(options.request ?? [])], retrieval.keys, retrieval.request)
  const limit = limitOf(options.rows)
  mustAnswer(subject, options.feature)
  const asOf = isoText(options.asOf ?? new Date())
  const { accuracy = 'exact', ticks = 'scheduled' } = options
  return withStore(options, async (store, { local }) => {
    const dialect = dialects.find(candidate => candidate.name === store.dialect)
    if (!dialect) throw new Error(`no dialect ${store.dialect}`)
    const asked = new Asked()
    const values = asked.values(dialect, subject)
    const uses = retrieval.uses.map(use => ({ use, evidence: asked.evidence(dialect, use, limit) }))
    const functions = retrieval.onDemand.map(plan => ({ plan, inputs: asked.inputs(dialect, plan, texts) }))

    const spine = [{ ...given, event_timestamp: asOf }]
    const training = handleOf(store, name).handle.trainingData({ spine, accuracy, ticks })
    const { rows, found } = await training.inspect(asked.inspections)
    const answer = rows[0] as Row

    const views: ExplainedUse[] = []
    for (const { use, evidence } of uses) {
      const featureOf = (feature: string) => values?.(found, use, feature)
      const explained = explainUse(use, evidence, { found, featureOf, given, isTick: accuracy === 'as_served' })
      const stored = local || !use.plan.view.materialize ? {} : { stored: await storedEvidence(store, use, given) }
      views.push({ ...explained, ...stored })
    }
    return {
      name,
      keys: shownAll(given, [...retrieval.keys, ...retrieval.request]),
      asOf,
      accuracy,
      ticks,
      values: Object.fromEntries(retrieval.answer.map(origin => [origin.name, answer[origin.name]])),
      views,
      functions: functions.map(({ plan, inputs }) => ({
        view: plan.view.name,
        given: inputs(found),
        values: Object.fromEntries(
          retrieval.answer
            .filter(({ of }) => of === plan.view.name)
            .map(({ name: answered, feature }) => [feature, answer[answered]]),
        ),
      })),
    }
  })
}

type Found = readonly (readonly Row[])[]

/** What is asked in one session, and where each answer will be. */
class Asked {
  readonly inspections: Inspection[] = []
  #answers = 0

  /** The features of every view that is read, as their tables hold them. */
  values(dialect: Dialect, { retrieval, plan }: Subject) {
    const { uses } = retrieval
    if (uses.length === 0) return null
    const { name, provenance } = 'service' in plan ? plan.service : plan.view
    const features = uses.flatMap(use => use.plan.outputs.map(output => ({ use, output })))
    const columns = features.map(({ use, output }, index) => ({
      name: `__${index}`,
      table: use.name,
      column: output.name,
      type: output.type,
    }))
    const training: TrainingPlan = {
      kind: 'service',
      name,
      provenance,
      spine: [...retrieval.keys, ...retrieval.request],
      tables: uses.map(useTable),
      columns,
    }
    const place = this.#add(dialect.training(training), columns)
    return (found: Found, use: UsePlan, feature: string): unknown => {
      const column = columns.find(({ table, column }) => table === use.name && column === feature)
      return column && shown(found[place]?.[0]?.[column.name], column.type)
    }
  }

  evidence(dialect: Dialect, { name, plan }: UsePlan, limit: number) {
    const evidence = dialect.evidence(plan, name, limit)
    this.inspections.push({ sql: evidence.rows, table: evidence.table, columns: [] })
    return evidence.parts.map(part => ({ ...part, place: this.#add(part.statement, part.fields) }))
  }

  /** What the functions of a view are given. */
  inputs(dialect: Dialect, plan: OnDemandPlan, texts: ReadonlyMap<string, string>) {
    const { view, inputs, retrieval } = plan
    const typeOf = (of: string, feature: string): Column['type'] => {
      const use = retrieval.uses.find(candidate => candidate.name === of)
      const features: readonly Column[] | undefined = use
        ? use.plan.outputs
        : retrieval.onDemand.find(other => other.view.name === of)?.view.features
      return features?.find(({ name }) => name === feature)?.type ?? { type: 'string' }
    }
    const given = [
      ...(view.request.length === 0
        ? []
        : [{ name: 'request', columns: view.request.map(of => ({ ...of, as: of.name })) }]),
      ...inputs.map(input => ({
        name: input.name,
        columns: input.features.map(({ name, of, feature }) => ({
          name,
          as: inputColumn(input.name, name),
          type: typeOf(of, feature),
        })),
      })),
    ]
    const columns = given.flatMap(({ columns }) => columns.map(({ as, type }) => ({ name: as, type })))
    const path = statementPaths(dialect.name).inputs(view.name)
    const place = this.#add(texts.get(path) ?? dialect.inputs(onDemandInputs(plan)), columns)
    return (found: Found): Readonly<Record<string, Row>> => {
      const row = found[place]?.[0] ?? {}
      return Object.fromEntries(
        given.map(({ name, columns }) => [
          name,
          Object.fromEntries(columns.map(column => [column.name, shown(row[column.as], column.type)])),
        ]),
      )
    }
  }

  #add(sql: string, columns: Inspection['columns']): number {
    this.inspections.push({ sql, table: null, columns })
    this.#answers += 1
    return this.#answers - 1
  }
}

interface UseContext {
  readonly found: Found
  readonly featureOf: (feature: string) => unknown
  readonly given: Row
  readonly isTick: boolean
}

type PlacedPart = Evidence['parts'][number] & { readonly place: number }

function explainUse(use: UsePlan, parts: readonly PlacedPart[], context: UseContext): ExplainedUse {
  const { view, source, outputs } = use.plan
  const seen = context.found[parts[0]?.place ?? 0]?.[0]?.__as_of
  // Statements look a microsecond earlier where rows of the very instant do not count.
  const lookedAt = typeof seen === 'bigint' ? isoText(view.boundary === 'at' ? seen : seen + 1n) : null
  return {
    name: use.name,
    view: view.name,
    keys: Object.fromEntries(view.joinKeys.map(({ name, type }) => [name, shown(context.given[name], type)])),
    boundary: view.boundary,
    lookedAt,
    isTick: context.isTick && view.materialize,
    eventTimestamp: source.eventTimestamp,
    createdTimestamp: source.createdTimestamp,
    tieBreak: source.tieBreak,
    keyColumns: view.joinKeys.map(({ column }) => column),
    features: outputs.map((output, index) => ({
      name: output.name,
      is: describeFeature(view.features[index]!, view),
      value: context.featureOf(output.name),
      parts: partNames(output, parts),
    })),
    parts: parts.map(part => explainPart(part, use, context.found[part.place] ?? [])),
  }
}

function partNames(output: Output, parts: readonly PlacedPart[]): string[] {
  return parts.filter(({ part }) => part.features.includes(output.name)).map(({ part }) => part.name)
}

function explainPart({ part, value, fields }: PlacedPart, { plan }: UsePlan, found: readonly Row[]): ExplainedPart {
  const aggregate = part.kind === 'measure' ? part.measure.aggregate : null
  const group = part.kind === 'latest' ? part.group : null
  const where = (aggregate ?? group)?.where ?? null
  const values = aggregate ? [aggregate.value] : (group?.values ?? []).map(({ expression }) => expression)
  const text = values.flatMap(node => (node === null ? [] : [describeExpression(node)])).join(', ')
  const whose = where === null ? '' : ` where ${describeExpression(where)}`
  const shownFields = fields.filter(({ name }) => !name.startsWith('__') || (name === '__value' && value !== null))
  const verdicts = new Map<Verdict, Row[]>()
  for (const row of found) {
    if (row.__verdict === 'none') continue
    const verdict = row.__verdict as Verdict
    const rows = verdicts.get(verdict)
    if (rows) rows.push(row)
    else verdicts.set(verdict, [row])
  }
  const instant = (micros: unknown) => (typeof micros === 'bigint' ? isoText(micros) : null)
  return {
    name: part.name,
    is: aggregate ? describeComputation(aggregate) : `the ${group?.pick}${whose}: ${text}`,
    kind: part.kind,
    pick: group?.pick ?? null,
    over: aggregate?.over ?? null,
    where: where === null ? null : describeExpression(where),
    value: text === '' ? null : text,
    reads: columnsOf(plan.source, ...values, where),
    rows: [...verdicts].map(([verdict, rows]) => ({
      verdict,
      count: Number(rows[0]?.__count),
      oldest: instant(rows[0]?.__oldest),
      newest: instant(rows[0]?.__newest),
      rows: rows.map(row => shownAll(row, shownFields)),
    })),
  }
}

function shownAll(row: Row, fields: readonly Column[]): Row {
  return Object.fromEntries(fields.map(({ name, type }) => [name, shown(row[name], type)]))
}

function limitOf(rows = '20'): number {
  if (/^\d{1,9}$/.test(rows) && Number(rows) > 0) return Number(rows)
  throw new CommandError(exitCodes.invocation, `--rows ${rows}: give a whole number of rows, at least 1`)
}

function mustAnswer({ retrieval }: Subject, feature: string | undefined): void {
  if (feature === undefined) return
  const names = [
    ...retrieval.uses.flatMap(({ plan }) => plan.outputs.map(({ name }) => name)),
    ...retrieval.onDemand.flatMap(({ view }) => view.features.map(({ name }) => name)),
  ]
  if (!names.includes(feature))
    throw new CommandError(
      exitCodes.invocation,
      `there is no feature "${feature}"${nearest(feature, [...new Set(names)])}`,
    )
}
