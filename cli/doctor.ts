/** `meridian doctor`: whether all that a project needs is there and as it should be, and what to do where it is not. */
import type { Colors } from 'picocolors/types.js'
import { examination } from './doctor/examination.ts'
import type { Finding, Severity } from './doctor/finding.ts'
import { CommandError, type ExitCode, exitCodes } from './exit-codes.ts'
import { findProject, type ProjectOptions } from './project.ts'
import { data, dataColors, json, note, plural } from './terminal.ts'

export interface DoctorOptions extends ProjectOptions {
  readonly json?: boolean
  /** A DuckDB database file with the tables that sources are bound to. */
  readonly duckdb?: string
  /** Also counts the stored keys by layout: looks at every key. */
  readonly keys?: boolean
}

export async function doctorCommand(options: DoctorOptions): Promise<ExitCode> {
  const project = await findProject(options)
  const environment = process.env.MERIDIAN_ENV || 'local'
  if (options.duckdb !== undefined && environment === 'production')
    throw new CommandError(exitCodes.invocation, '--duckdb is for local mode, and MERIDIAN_ENV is "production"')
  const findings = await examination(project, process.env, options)
  const [problems, warnings] = (['problem', 'warning'] as const).map(
    wanted => findings.filter(({ status }) => status === wanted).length,
  ) as [number, number]
  if (options.json) data(json({ project: project.name, environment, problems, warnings, findings }, 2))
  else {
    const width = Math.max(...findings.map(({ check }) => check.length))
    data(findings.map(finding => shown(finding, width)).join('\n'))
    note(`${project.name}, ${environment}: ${plural(problems, 'problem')}, ${plural(warnings, 'warning')}`)
  }
  return problems > 0 ? exitCodes.invocation : exitCodes.fine
}

const paint: Readonly<Record<Severity, keyof Pick<Colors, 'green' | 'yellow' | 'red'>>> = {
  ok: 'green',
  warning: 'yellow',
  problem: 'red',
}

function shown({ check, status, what, place, fix }: Finding, width: number): string {
  const head = `${dataColors[paint[status]](status.padEnd('problem'.length))}  ${check.padEnd(width)}  `
  const line = `${head}${place === undefined ? '' : `${place}: `}${what}`
  return fix === undefined ? line : `${line}\n${' '.repeat('problem'.length + width + 4)}fix: ${fix}`
}
