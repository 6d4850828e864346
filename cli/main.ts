#!/usr/bin/env node
/** The `meridian` command. Each verb is loaded when it is asked for. */
import { Command, CommanderError, Option } from 'commander'
import { duckdbOption } from './duckdb-option.ts'
import { CommandError, type ExitCode, exitCodes } from './exit-codes.ts'
import { addExplain } from './explain/options.ts'
import { ownPackage } from './own-package.ts'
import type { Format } from './report.ts'
import { addServe } from './serve/options.ts'

interface Global {
  readonly config?: string
  readonly project?: string
}

function program(done: (exitCode: ExitCode) => void): Command {
  const command = new Command('meridian')
    .description('A feature store that is a compiler: typed definitions in, reviewed SQL and typed getters out.')
    .version(ownPackage().version)
    .option('--config <file>', 'configuration file (default: the nearest meridian.config.ts)')
    .option('--project <name>', 'one project of several in the configuration')
    .showHelpAfterError()
    .exitOverride()
    .addHelpText(
      'after',
      '\nMERIDIAN_ENV=production runs on MERIDIAN_POSTGRES_URL and MERIDIAN_REDIS_URL; otherwise on DuckDB and in this process.' +
        '\nExit codes: 0 fine, 1 a fault of meridian, 2 bad invocation or environment, 4 errors in definitions, 5 stale artefacts,\n6 a plan that breaks clients, 7 stored values that are older than their freshness.',
    )

  const format = () =>
    new Option('--format <format>', 'how diagnostics are shown').choices(['pretty', 'github', 'json']).default('pretty')
  const formatOf = (options: { format: Format; json?: boolean }): Format => (options.json ? 'json' : options.format)

  command
    .command('init [folder]')
    .description('begin a project that trains and serves, in a folder (default: this one); overwrite nothing')
    .option('--name <name>', "name of the package (default: the folder's)")
    .addOption(
      new Option('--data <format>', "how the example's data are kept (default: csv)").choices(['csv', 'parquet']),
    )
    .option('--dialects <names>', 'SQL dialects, with commas between (default: duckdb,postgres)')
    .addOption(
      new Option('--package-manager <name>', '(default: the one that runs this command, else npm)').choices([
        'npm',
        'pnpm',
        'yarn',
      ]),
    )
    .option('--meridian <version>', 'version of meridian to depend on, or ./file.tgz (default: this version)')
    .option('--no-install', 'do not install packages')
    .option('--yes', 'ask nothing: defaults for what no option says')
    .addHelpText(
      'after',
      '\nAsks only on a terminal, and only for what no option says.' +
        '\n\nExample:\n  meridian init shop --data parquet --dialects duckdb',
    )
    .action(async (folder, options) => {
      const { initCommand } = await import('./init.ts')
      done(await initCommand(folder ?? '.', options))
    })

  command
    .command('build')
    .description('compile the definitions and write what changed')
    .addOption(format())
    .option('--json', 'short for --format json')
    .option('--force', 'compile even where nothing changed since the last build')
    .addHelpText('after', '\nExample:\n  meridian build --format github')
    .action(async (options, { parent }: { parent: Command }) => {
      const { buildCommand } = await import('./build.ts')
      done(await buildCommand({ ...parent.opts<Global>(), ...options, format: formatOf(options) }))
    })

  command
    .command('check')
    .description('say whether the generated files are what the definitions make; write nothing')
    .addOption(format())
    .option('--json', 'short for --format json')
    .addHelpText(
      'after',
      '\nExample:\n  meridian check || exit 1   # in CI: exit code 5 and a diff when files are stale',
    )
    .action(async (options, { parent }: { parent: Command }) => {
      const { checkCommand } = await import('./check.ts')
      done(await checkCommand({ ...parent.opts<Global>(), ...options, format: formatOf(options) }))
    })

  command
    .command('watch')
    .description('build, and build again whenever a file of the definitions is saved, until it is interrupted')
    .option('--json', 'print one JSON object a build')
    .addHelpText('after', '\nExample:\n  meridian watch --project flights')
    .action(async (options, { parent }: { parent: Command }) => {
      const { watchCommand } = await import('./watch.ts')
      done(await watchCommand({ ...parent.opts<Global>(), ...options }))
    })

  command
    .command('plan')
    .description(
      'say what the definitions would change: values, stored rows, whom it breaks and what it costs; write nothing',
    )
    .option('--against <ref>', 'compare with what a commit, branch or tag of git holds (default: HEAD, else the files)')
    .option('--diff', 'with the diff of each statement')
    .option('--count', 'with the number of keys concerned, counted in the Redis of MERIDIAN_REDIS_URL')
    .addOption(
      new Option('--format <format>', 'text for people, Markdown for a pull request, or JSON')
        .choices(['pretty', 'markdown', 'json'])
        .default('pretty'),
    )
    .option('--json', 'short for --format json')
    .addHelpText(
      'after',
      '\nExit code 6 says that clients must change.' +
        '\n\nExample:\n  meridian plan --against origin/main --format markdown > plan.md',
    )
    .action(async (options, { parent }: { parent: Command }) => {
      const { planCommand } = await import('./plan.ts')
      done(await planCommand({ ...parent.opts<Global>(), ...options, format: options.json ? 'json' : options.format }))
    })

  command
    .command('materialize [views...]')
    .description('store the values of materialized views at their last tick; all of them unless some are named')
    .option('--at <instant>', 'the tick is the last one at or before this (default: now)')
    .option('--full', 'compute all keys, not only those that can have changed since the last completed tick')
    .addOption(duckdbOption())
    .option('--json', 'print one JSON array')
    .addHelpText('after', '\nExample:\n  meridian materialize origin_stats --at 2001-06-15T12:00:00Z')
    .action(async (views, options, { parent }: { parent: Command }) => {
      const { materializeCommand } = await import('./materialize.ts')
      done(await materializeCommand(views, { ...parent.opts<Global>(), ...options }))
    })

  command
    .command('worker [views...]')
    .description('keep materialized views fresh until told to stop; any number of workers share the work')
    .option('--concurrency <views>', 'views at once (default: 4)')
    .option('--grace <seconds>', 'how long what runs may take to end after SIGTERM or SIGINT (default: 30)')
    .option('--port <number>', 'answer /healthz and /metrics there; 0: on any free port')
    .addOption(
      new Option('--log-format <format>', 'to stderr (default: text on a terminal, else json)').choices([
        'json',
        'text',
      ]),
    )
    .addOption(
      new Option('--log-level <level>', 'the least that is told')
        .choices(['debug', 'info', 'warn', 'error'])
        .default('info'),
    )
    .addOption(duckdbOption())
    .addHelpText(
      'after',
      '\nThe first SIGTERM or SIGINT lets what runs end; the second gives it back to other workers at once.\n\nExample:\n  meridian worker --concurrency 8',
    )
    .action(async (views, options, { parent }: { parent: Command }) => {
      const { workerCommand } = await import('./worker.ts')
      done(await workerCommand(views, { ...parent.opts<Global>(), ...options }))
    })

  command
    .command('status [views...]')
    .description('how fresh materialized views are, who works on them and what failed')
    .option('--watch [seconds]', 'again and again (default: every 2 seconds)')
    .option('--json', 'print one JSON array, or one a reading')
    .addHelpText('after', '\nExit code 7: a view is older than its freshness.\n\nExample:\n  meridian status --watch 5')
    .action(async (views, options, { parent }: { parent: Command }) => {
      const { statusCommand } = await import('./status.ts')
      done(await statusCommand(views, { ...parent.opts<Global>(), ...options }))
    })

  command
    .command('training-data <service>')
    .description('write the rows of a spine, each with its features as of its instant; a service or a view')
    .option('--spine <file>', 'Parquet or CSV file with join keys and event_timestamp')
    .option('--spine-sql <query>', 'query that yields the spine')
    .option('--spine-table <table>', 'table that holds the spine')
    .requiredOption('--output <file>', 'file to write, .parquet or .csv')
    .addOption(
      new Option('--accuracy <accuracy>', 'what was true at each instant, or what was served then')
        .choices(['exact', 'as_served'])
        .default('exact'),
    )
    .addOption(
      new Option('--ticks <ticks>', 'as served: by the ticks that were scheduled, or that workers recorded')
        .choices(['scheduled', 'recorded'])
        .default('scheduled'),
    )
    .addOption(duckdbOption())
    .option('--json', 'print one JSON object')
    .addHelpText(
      'after',
      '\nExample:\n  meridian training-data late_flights --spine labels.parquet --output training.parquet',
    )
    .action(async (service, options, { parent }: { parent: Command }) => {
      const { trainingDataCommand } = await import('./training-data.ts')
      done(await trainingDataCommand(service, { ...parent.opts<Global>(), ...options }))
    })

  command
    .command('get <name> [keys...]')
    .description('print the features of one key of a service or view; keys are given as name=value')
    .option('--at <instant>', "the read's instant (default: now)")
    .option('--status', 'with each value, what was found and when')
    .addOption(duckdbOption())
    .option('--json', 'print on one line')
    .addHelpText(
      'after',
      '\nExample:\n  meridian get late_flights origin=SEA destination=SFO --at 2001-06-15T12:00:00Z',
    )
    .action(async (name, keys, options, { parent }: { parent: Command }) => {
      const { getCommand } = await import('./get.ts')
      done(await getCommand(name, keys, { ...parent.opts<Global>(), ...options }))
    })

  addServe(command, done)

  addExplain(command, done)

  command
    .command('doctor')
    .description(
      'look whether all that the project needs is there and as it should be, and say what to do where it is not',
    )
    .option('--keys', 'also count the stored keys by layout: looks at every key')
    .addOption(duckdbOption())
    .option('--json', 'print one JSON object')
    .addHelpText(
      'after',
      '\nNothing is changed and no row is read. Exit code 2: there is a problem.\n\nExample:\n  MERIDIAN_ENV=production meridian doctor',
    )
    .action(async (options, { parent }: { parent: Command }) => {
      const { doctorCommand } = await import('./doctor.ts')
      done(await doctorCommand({ ...parent.opts<Global>(), ...options }))
    })

  return command
}

/** Runs the command; what is thrown becomes a message and an exit code. */
async function main(): Promise<ExitCode> {
  let exitCode: ExitCode = exitCodes.fine
  try {
    await program(code => {
      exitCode = code
    }).parseAsync()
    return exitCode
  } catch (error) {
    return failure(error)
  }
}

async function failure(error: unknown): Promise<ExitCode> {
  // Commander has printed its help or its complaint already.
  if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.fine : exitCodes.invocation
  const { note: print, colors } = await import('./terminal.ts')
  const { passwordsOf, redact } = await import('../runtime/redact.ts')
  const secrets = passwordsOf([process.env.MERIDIAN_POSTGRES_URL, process.env.MERIDIAN_REDIS_URL])
  const note = (text: string) => print(redact(text, secrets))
  if (error instanceof CommandError) {
    note(`${colors.red('error')} ${error.message}`)
    return error.exitCode
  }
  const { ConfigError } = await import('./project.ts')
  if (error instanceof ConfigError) {
    const { report } = await import('./report.ts')
    report(error.diagnostics, error.root, error.prefix, error.format)
    return exitCodes.invocation
  }
  note(`${colors.red('fault')} this is a fault of meridian, please report it:\n`)
  note(error instanceof Error ? (error.stack ?? error.message) : String(error))
  return exitCodes.fault
}

// A reader that has seen enough, such as head, is no fault.
process.stdout.on('error', error => {
  if ((error as NodeJS.ErrnoException).code !== 'EPIPE') throw error
  process.exit()
})

process.exitCode = await main()
