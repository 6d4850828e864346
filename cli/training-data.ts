/** `meridian training-data`: the spine's rows with their features, into a file. */
import { stat } from 'node:fs/promises'
import type { Spine } from '../runtime/index.ts'
import { CommandError, type ExitCode, exitCodes } from './exit-codes.ts'
import { handleOf, type RunOptions, withStore } from './open.ts'
import { data, json, note, plural, progress } from './terminal.ts'

export interface TrainingDataCommandOptions extends RunOptions {
  readonly spine?: string
  readonly spineSql?: string
  readonly spineTable?: string
  readonly output: string
  readonly accuracy: 'exact' | 'as_served'
  readonly ticks: 'scheduled' | 'recorded'
}

export async function trainingDataCommand(name: string, options: TrainingDataCommandOptions): Promise<ExitCode> {
  const spine = spineOf(options)
  if (options.ticks === 'recorded' && options.accuracy !== 'as_served')
    throw new CommandError(
      exitCodes.invocation,
      '--ticks recorded says what was served: it goes with --accuracy as_served',
    )
  const { output } = options
  const format = /\.parquet$/i.test(output) ? 'parquet' : /\.csv$/i.test(output) ? 'csv' : null
  if (format === null)
    throw new CommandError(exitCodes.invocation, `--output ${output} ends in neither .parquet nor .csv`)
  await withStore(options, async store => {
    const { handle } = handleOf(store, name)
    const started = performance.now()
    const bar = progress('training data')
    try {
      const training = handle.trainingData({
        spine,
        accuracy: options.accuracy,
        ticks: options.ticks,
        onProgress: bar.update,
      })
      const { rows } = await (format === 'parquet' ? training.toParquet(output) : training.toCsv(output))
      bar.stop()
      const seconds = (performance.now() - started) / 1000
      if (options.json) data(json({ output, rows, seconds }))
      else
        note(
          `${plural(rows, 'row')} in ${output} (${((await stat(output)).size / 1e6).toFixed(1)} MB), in ${seconds.toFixed(1)} s`,
        )
    } finally {
      bar.stop()
    }
  })
  return exitCodes.fine
}

function spineOf({ spine, spineSql, spineTable }: TrainingDataCommandOptions): Spine | string {
  const given = [spine, spineSql && { sql: spineSql }, spineTable && { table: spineTable }].filter(
    value => value !== undefined && value !== '',
  )
  const [only] = given
  if (given.length === 1 && only !== undefined) return only
  throw new CommandError(exitCodes.invocation, 'give one of --spine FILE, --spine-sql QUERY and --spine-table TABLE')
}
