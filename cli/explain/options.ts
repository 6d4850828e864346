/** The options of `meridian explain`: what it shows of a definition, and of a key. */
import { type Command, Option } from 'commander'
import { duckdbOption } from '../duckdb-option.ts'
import type { ExitCode } from '../exit-codes.ts'
import type { ProjectOptions } from '../project.ts'

export function addExplain(command: Command, done: (exitCode: ExitCode) => void): void {
  command
    .command('explain <name>')
    .description(
      'show what a view or service is, how each feature is computed, and, with a key, why its values are what they are',
    )
    .option('--key <name=value...>', 'run it for this key: the values, the rows that made them, and those that did not')
    .option('--request <name=value...>', 'request data that functions are given')
    .option('--as-of <instant>', 'the instant that values are asked for (default: now)')
    .addOption(new Option('--accuracy <accuracy>', 'what was true then, or was served').choices(['exact', 'as_served']))
    .addOption(new Option('--ticks <ticks>', 'by which it was served').choices(['scheduled', 'recorded']))
    .option('--rows <number>', 'at most so many rows of each kind (default: 20)')
    .option('--feature <name>', 'the rows of this feature only')
    .addOption(duckdbOption())
    .option(
      '--statement <kind>',
      'print one statement: relation, snapshot, point_in_time, materialize, materialize_changed, lookup or training',
    )
    .option('--dialect <name>', 'of this dialect only: duckdb or postgres')
    .option('--json', 'print one JSON object')
    .addHelpText(
      'after',
      '\nExamples:\n  meridian explain origin_stats --statement point_in_time' +
        '\n  meridian explain origin_stats --key origin=SEA --as-of 2001-06-15T12:00:00Z --feature late_rate_2h',
    )
    .action(async (name, options, { parent }: { parent: Command }) => {
      const { explainCommand } = await import('../explain.ts')
      done(await explainCommand(name, { ...parent.opts<ProjectOptions>(), ...options }))
    })
}
