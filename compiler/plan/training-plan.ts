/** The statements that put features beside the rows of a spine: training data, and what functions are given. */
import type { Field } from '../../runtime/contract.ts'
import type { Column, Provenance, Service } from '../catalog/catalog.ts'
import type { OnDemandPlan, RetrievalPlan, UsePlan } from './retrieval-plan.ts'
import { viewRetrieval } from './retrieval-plan.ts'
import type { ViewPlan } from './view-plan.ts'

export interface ServicePlan {
  readonly service: Service
  readonly retrieval: RetrievalPlan
}

/** Rows of features, a table by then: of a feature view by some keys, or of an on-demand view. */
export interface FeatureTable {
  /** The table is `<name>__features`. */
  readonly name: string
  readonly columns: readonly Column[]
  /** What its rows are, in words. */
  readonly rows: string
}

export interface TrainingPlan {
  readonly kind: 'service' | 'view' | 'on-demand view'
  readonly name: string
  readonly provenance: Provenance
  /** The spine's columns that are named: join keys, then request data. */
  readonly spine: readonly Field[]
  readonly tables: readonly FeatureTable[]
  /** What stands beside the spine: a column of a table, by its name there. */
  readonly columns: readonly { readonly name: string; readonly table: string; readonly column: string }[]
}

export function serviceTraining({ service, retrieval }: ServicePlan): TrainingPlan {
  return { kind: 'service', name: service.name, provenance: service.provenance, ...answered(retrieval) }
}

export function viewTraining(plan: ViewPlan): TrainingPlan {
  const { name, provenance } = plan.view
  return { kind: 'view', name, provenance, ...answered(viewRetrieval(plan)) }
}

export function onDemandTraining({ view, retrieval }: OnDemandPlan): TrainingPlan {
  return { kind: 'on-demand view', name: view.name, provenance: view.provenance, ...answered(retrieval) }
}

/** What the functions of an on-demand view are given, for each row of a spine. */
export function onDemandInputs({ view, inputs, retrieval }: OnDemandPlan): TrainingPlan {
  const columns = inputs.flatMap(input =>
    input.features.map(({ name, of, feature }) => ({
      name: inputColumn(input.name, name),
      table: of,
      column: feature,
    })),
  )
  return {
    kind: 'on-demand view',
    name: view.name,
    provenance: view.provenance,
    spine: [...retrieval.keys, ...view.request],
    tables: tablesOf(retrieval, columns),
    columns,
  }
}

/** The column that holds a feature of an input. */
export function inputColumn(input: string, feature: string): string {
  return `${input}__${feature}`
}

/** The table of a use. */
export function useTable({ name, alias, plan }: UsePlan): FeatureTable {
  const file = alias === null ? 'point_in_time.sql' : `as_${alias}.point_in_time.sql`
  return { name, columns: plan.outputs, rows: `the rows of ${plan.view.name}/${file}` }
}

export function onDemandTable({ view }: OnDemandPlan): FeatureTable {
  return { name: view.name, columns: view.features, rows: 'what its functions return' }
}

function answered(retrieval: RetrievalPlan) {
  const columns = retrieval.answer.map(({ name, of, feature }) => ({ name, table: of, column: feature }))
  return { spine: [...retrieval.keys, ...retrieval.request], tables: tablesOf(retrieval, columns), columns }
}

/** The tables of which columns are taken. */
function tablesOf({ uses, onDemand }: RetrievalPlan, columns: TrainingPlan['columns']): FeatureTable[] {
  const named = new Set(columns.map(({ table }) => table))
  return [...uses.map(useTable), ...onDemand.map(onDemandTable)].filter(({ name }) => named.has(name))
}
