/** `meridian explain`: what a view or service is, and what it became. */

import type { Source } from '../compiler/catalog/catalog.ts'
import { describeFeature, describeType, describeView } from '../compiler/catalog/describe.ts'
import { dialects } from '../compiler/dialects/index.ts'
import { compile } from '../compiler/index.ts'
import type { ServicePlan } from '../compiler/plan/training-plan.ts'
import { isNullable, type ViewPlan } from '../compiler/plan/view-plan.ts'
import type { Manifest } from '../runtime/contract.ts'
import { CommandError, type ExitCode, exitCodes } from './exit-codes.ts'
import { nearest } from './nearest.ts'
import { findProject, type ProjectOptions } from './project.ts'
import { report } from './report.ts'
import { data, table } from './terminal.ts'

export interface ExplainCommandOptions extends ProjectOptions {
  readonly statement?: string
  readonly dialect?: string
  readonly json?: boolean
}

export async function explainCommand(name: string, options: ExplainCommandOptions): Promise<ExitCode> {
  const project = await findProject(options)
  const { diagnostics, artefacts, plans } = await compile(project)
  if (!plans) {
    report(diagnostics, project.root, project.prefix, options.json ? 'json' : 'pretty')
    return exitCodes.definitions
  }
  const texts = new Map(artefacts.map(({ path, text }) => [path, text]))
  const manifest = JSON.parse(texts.get('manifest.json') ?? '{}') as Manifest
  const view = plans.views.find(plan => plan.view.name === name)
  const service = plans.services.find(plan => plan.service.name === name)
  const definition = view?.view ?? service?.service
  if (!definition) {
    const names = [...plans.views.map(plan => plan.view.name), ...plans.services.map(plan => plan.service.name)]
    throw new CommandError(exitCodes.invocation, `there is no view or service "${name}"${nearest(name, names)}`)
  }
  const emitted = Object.keys((manifest.views[name] ?? manifest.services[name])?.statements ?? {})
  const { dialect } = options
  if (dialect !== undefined && !emitted.includes(dialect))
    throw new CommandError(
      exitCodes.invocation,
      `nothing was built for dialect "${dialect}"${nearest(dialect, emitted)}`,
    )
  const statements = statementsOf(manifest, name, dialect === undefined ? emitted : [dialect])
  if (options.statement !== undefined) {
    const path = statements.find(candidate => candidate.kind === options.statement)?.path
    if (path === undefined) {
      const kinds = [...new Set(statements.map(({ kind }) => kind))]
      throw new CommandError(
        exitCodes.invocation,
        `${name} has no statement "${options.statement}"${nearest(options.statement, kinds)}`,
      )
    }
    data(texts.get(path) ?? '')
  } else if (options.json) {
    const entry = manifest.views[name] ?? manifest.services[name]
    data(JSON.stringify({ definition, manifest: entry, statements }, null, 2))
  } else {
    data(
      [
        view ? describe(view, emitted) : service ? describeService(service) : '',
        ...statements.map(({ path }) => `── ${path}\n\n${texts.get(path)}`),
      ].join('\n'),
    )
  }
  return exitCodes.fine
}

/** The statements of a view, its source's among them, or of a service. */
function statementsOf(manifest: Manifest, name: string, of: readonly string[]): { kind: string; path: string }[] {
  const view = manifest.views[name]
  return of.flatMap(dialect => {
    const texts = view?.statements[dialect]
    const source = manifest.sources[view?.sources.at(-1) ?? '']?.statements[dialect]
    const paths = {
      relation: source?.relation,
      snapshot: source?.snapshot,
      point_in_time: texts?.pointInTime,
      materialize: texts?.materialize,
      materialize_changed: texts?.materializeChanged,
      lookup: texts?.lookup,
      training: texts?.training ?? manifest.services[name]?.statements[dialect]?.training,
    }
    return Object.entries(paths).flatMap(([kind, path]) => (path ? [{ kind, path }] : []))
  })
}

function describe(plan: ViewPlan, emitted: readonly string[]): string {
  const { view, source, outputs } = plan
  const facts = [
    ['defined', `${view.provenance.file} ${view.provenance.symbol}`],
    ['entity', `${view.entity} (${view.joinKeys.map(key => `${key.name} ${describeType(key.type)}`).join(', ')})`],
    ['source', describeSource(source)],
    ['is', describeView(view)],
  ]
  const forms = dialects
    .filter(dialect => emitted.includes(dialect.name))
    .map(dialect => ({ name: dialect.name, of: dialect.explain(plan) }))
  const rows = outputs.map((output, index) => [
    output.name,
    `${describeType(output.type)}${isNullable(output) ? ' or null' : ''}`,
    describeFeature(view.features[index]!, view),
    ...forms.map(({ of }) => of.get(output.name) ?? ''),
  ])
  return [
    `view ${view.name}`,
    ...(view.doc ? ['', view.doc] : []),
    '',
    table(['', ''], facts as [string, string][]).trimStart(),
    '',
    table(['feature', 'type', 'value', ...forms.map(({ name }) => name)], rows),
    '',
  ].join('\n')
}

function describeSource({ name, eventTimestamp, createdTimestamp, tieBreak }: Source): string {
  const known = createdTimestamp === null ? '' : `, known at ${createdTimestamp}`
  const ties = tieBreak.length === 0 ? '' : `, ties by ${tieBreak.join(', ')}`
  return `${name}, by ${eventTimestamp}${known}${ties}`
}

function describeService({ service, retrieval }: ServicePlan): string {
  const { keys } = retrieval
  const rows = retrieval.uses.map(({ name, plan }) => [
    name,
    describeView(plan.view),
    plan.outputs.map(output => output.name).join(', '),
  ])
  return [
    `service ${service.name}`,
    ...(service.doc ? ['', service.doc] : []),
    '',
    `defined  ${service.provenance.file} ${service.provenance.symbol}`,
    `keys     ${keys.map(key => `${key.name} ${describeType(key.type)}`).join(', ')}`,
    '',
    table(['view', 'is', 'features'], rows),
    '',
  ].join('\n')
}
