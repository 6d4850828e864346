/** The options of `meridian serve`, each of which the environment can give too: a container has no command line to change. */
import { type Command, InvalidArgumentError, Option } from 'commander'
import type { ExitCode } from '../exit-codes.ts'
import type { ProjectOptions } from '../project.ts'

export function addServe(command: Command, done: (exitCode: ExitCode) => void): void {
  const number = (flags: string, description: string, fallback: number, variable: string) =>
    new Option(flags, description).env(variable).default(fallback).argParser(toWhole)

  command
    .command('serve [folder]')
    .description("answer over HTTP for the features of a generated folder; the project's own unless one is given")
    .addOption(new Option('--host <host>', 'address to listen on').env('MERIDIAN_HOST').default('127.0.0.1'))
    .addOption(number('--port <port>', 'port to listen on; 0 is any', 8080, 'MERIDIAN_PORT'))
    .addOption(number('--deadline <ms>', 'milliseconds for a request', 1_000, 'MERIDIAN_DEADLINE'))
    .addOption(number('--concurrency <requests>', 'requests worked on at once', 500, 'MERIDIAN_CONCURRENCY'))
    .addOption(number('--max-entities <entities>', 'entities of one request', 1_000, 'MERIDIAN_MAX_ENTITIES'))
    .addOption(number('--max-body <bytes>', 'bytes of a body', 1_048_576, 'MERIDIAN_MAX_BODY'))
    .addOption(number('--drain-delay <ms>', 'from SIGTERM, while load balancers notice', 5_000, 'MERIDIAN_DRAIN_DELAY'))
    .addOption(number('--drain-grace <ms>', 'after that, for requests under way', 10_000, 'MERIDIAN_DRAIN_GRACE'))
    .addOption(
      new Option('--log-level <level>', 'of the log, which goes to standard output')
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

function toWhole(text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text)
  throw new InvalidArgumentError('it is no whole number.')
}
