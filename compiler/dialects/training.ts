/** Statements that put features, whose rows are tables by then, beside the rows of `spine`: the same in each dialect but for words. */
import type { Column } from '../catalog/catalog.ts'
import type { TrainingPlan } from '../plan/training-plan.ts'
import { selected } from './select.ts'

/** What a dialect has of its own. */
export interface TrainingWords {
  readonly render: (template: 'training.sql' | 'inputs.sql', model: object) => string
  readonly identifier: (name: string) => string
  readonly typeName: (type: Column['type']) => string
}

export function trainingStatements({ render, identifier, typeName }: TrainingWords) {
  /** The spine's rows, in their order, with the features of some views. */
  function training(plan: TrainingPlan): string {
    return render('training.sql', {
      ...common(plan),
      notes: [`spine: ${spineColumns(plan.spine)}, and any other columns`, ...sources(plan)],
    })
  }

  /** What functions are given for each row of the spine, in its order. */
  function inputs(plan: TrainingPlan): string {
    const columns = ['__row', 'event_timestamp', ...plan.spine.map(({ name }) => identifier(name))]
    return render('inputs.sql', {
      ...common(plan),
      notes: [`spine: ${spineColumns(plan.spine)}`, ...sources(plan)],
      columns: [...columns.map(column => `spine.${column}`), ...features(plan)],
    })
  }

  /** The table that holds the rows of a view. */
  function featuresTable(name: string): string {
    return identifier(`${name}__features`)
  }

  /** The spine's columns as comments name them. */
  function spineColumns(columns: readonly Column[]): string {
    const named = columns.map(({ name, type }) => `${identifier(name)} ${typeName(type)}`)
    return ['__row BIGINT', ...named, 'event_timestamp TIMESTAMP (UTC)'].join(', ')
  }

  function common(plan: TrainingPlan) {
    const { kind, name, provenance, tables } = plan
    return {
      kind,
      name,
      provenance,
      columns: features(plan),
      tables: tables.map(table => ({ table: featuresTable(table.name), alias: identifier(table.name) })),
    }
  }

  function sources({ tables }: TrainingPlan): string[] {
    return tables.map(({ name, rows }) => `${name}: ${rows}`)
  }

  function features({ columns }: TrainingPlan): string[] {
    return columns.map(({ name, table, column }) =>
      selected(`${identifier(table)}.${identifier(column)}`, identifier(name)),
    )
  }

  return { training, inputs, featuresTable, spineColumns }
}
