/** What the command's exit code says. */
export const exitCodes = {
  fine: 0,
  /** A fault of Meridian itself. */
  fault: 1,
  /** A bad invocation, or an environment that lacks something. */
  invocation: 2,
  /** Mistakes in definitions. */
  definitions: 4,
  /** The generated folder is not what the definitions make. */
  stale: 5,
  /** A plan that breaks clients. */
  breaking: 6,
  /** Stored values of a view are older than its freshness. */
  notFresh: 7,
} as const

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes]

/** Ends the command with a message for people. */
export class CommandError extends Error {
  readonly exitCode: ExitCode

  constructor(exitCode: ExitCode, message: string) {
    super(message)
    this.exitCode = exitCode
  }
}
