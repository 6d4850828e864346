/** What training data read of when ticks were completed, and what is said where none are recorded. */
import { MeridianError } from '../errors.ts'
import type { Environment } from '../view-runtime.ts'
import type { Relation } from './engine.ts'

/** The relation's name: no definition's name has two underscores. */
const name = 'meridian__ticks'

/** The relation of completed ticks, without any unless those that were recorded are asked for. */
export function tickRelation({ artefacts, engine }: Environment, recorded: boolean): Relation[] {
  const statements = artefacts.manifest.ticks[engine.dialect]
  if (!statements) return []
  return [
    {
      name,
      statement: artefacts.statement(statements.none),
      snapshot: recorded ? artefacts.statement(statements.recorded) : null,
    },
  ]
}

/** An error that says that the relation cannot be made, as one that says why. */
export function withoutTicks(error: unknown): unknown {
  if (!(error instanceof MeridianError) || error.code !== 'source.invalid' || error.details.source !== name)
    return error
  const { problem } = error.details
  const message = `recorded ticks cannot be read: ${problem}. Workers record them, in the table meridian_ticks of this database`
  return new MeridianError('ticks.missing', message, { problem }, error)
}
