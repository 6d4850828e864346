/** The options of `meridian serve`, each of which the environment can give too: a container has no command line to change. */
import { type Command, InvalidArgumentError, Option } from 'commander'
import type { ExitCode } from '../exit-codes.ts'
import type { ProjectOptions } from '../project.ts'

export function addServe(command: Command, done: (exitCode: ExitCode) => void): void {
  const number = (flags: string, description: string, fallback: number, variable: string, least = 1) =>
    new Option(flags, description).env(variable).default(fallback).argParser(toWhole(least, 999_999_999))

  command
    .command('serve [folder]')
    .description("answer over HTTP for the features of a generated folder; the project's own unless one is given")
    .addOption(new Option('--host <host>', 'address to listen on').env('MERIDIAN_HOST').default('127.0.0.1'))
    .addOption(
      new Option('--port <port>', 'port to listen on; 0 is any').env('MERIDIAN_PORT').default(8080).argParser(toPort),
    )
    .addOption(number('--deadline <ms>', 'milliseconds for a request', 1_000, 'MERIDIAN_DEADLINE'))
    .addOption(number('--concurrency <requests>', 'requests worked on at once', 500, 'MERIDIAN_CONCURRENCY'))
    .addOption(number('--max-entities <entities>', 'entities of one request', 1_000, 'MERIDIAN_MAX_ENTITIES'))
    .addOption(number('--max-body <bytes>', 'bytes of a body', 1_048_576, 'MERIDIAN_MAX_BODY'))
    .addOption(
      number('--drain-delay <ms>', 'from SIGTERM, while load balancers notice', 5_000, 'MERIDIAN_DRAIN_DELAY', 0),
    )
    .addOption(number('--drain-grace <ms>', 'after that, for requests under way', 10_000, 'MERIDIAN_DRAIN_GRACE', 0))
    .addOption(
      new Option('--log-level <level>', 'of the log, which goes to standard error')
        .choices(['debug', 'info', 'warn', 'error', 'silent'])
        .env('MERIDIAN_LOG_LEVEL')
        .default('info'),
    )
    .addOption(new Option('--api-keys <json>').env('MERIDIAN_API_KEYS').hideHelp())
    .addOption(
      new Option('--api-keys-file <file>', 'JSON array of { name, sha256, scopes }').env('MERIDIAN_API_KEYS_FILE'),
    )
    .addOption(new Option('--jwks-url <url>', 'public keys of an issuer of tokens').env('MERIDIAN_JWKS_URL'))
    .addOption(new Option('--jwt-issuer <issuer>', 'the issuer of tokens').env('MERIDIAN_JWT_ISSUER'))
    .addOption(new Option('--jwt-audience <audience>', 'whom tokens are for').env('MERIDIAN_JWT_AUDIENCE'))
    .option('--allow-anyone', 'without authentication on an address that is not loopback')
    .option('--new-key', 'print a new API key and its hash, and end')
    .addHelpText(
      'after',
      '\nExample:\n  MERIDIAN_ENV=production meridian serve generated/fraud --host 0.0.0.0   # with MERIDIAN_API_KEYS set',
    )
    .action(async (folder, options, { parent }: { parent: Command }) => {
      const { serveCommand } = await import('../serve.ts')
      done(await serveCommand(folder, { ...parent.opts<ProjectOptions>(), ...options }))
    })
}

function toWhole(least: number, most: number): (text: string) => number {
  return text => {
    const number = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN
    if (number >= least && number <= most) return number
    throw new InvalidArgumentError(`it must be a whole number from ${least} to ${most}.`)
  }
}

function toPort(text: string): number {
  if (text.startsWith('tcp://'))
    throw new InvalidArgumentError(
      'Kubernetes sets this variable for a Service of the name "meridian": set enableServiceLinks: false in the pod.',
    )
  return toWhole(0, 65_535)(text)
}
