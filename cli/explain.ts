/** `meridian explain`: what a view or service is, and what it became. */

import type { Source } from '../compiler/catalog/catalog.ts'
import {
  describeFeature,
  describeOnDemandFeature,
  describeOnDemandView,
  describeType,
  describeView,
} from '../compiler/catalog/describe.ts'
import { dialects } from '../compiler/dialects/index.ts'
import type { Plans } from '../compiler/emit/index.ts'
import { describeOrigins, onDemandPath } from '../compiler/emit/on-demand.ts'
import { statementPaths } from '../compiler/emit/sql.ts'
import { compile } from '../compiler/index.ts'
import type { OnDemandPlan } from '../compiler/plan/retrieval-plan.ts'
import type { ServicePlan } from '../compiler/plan/training-plan.ts'
import { isNullable, type ViewPlan } from '../compiler/plan/view-plan.ts'
import type { Field, Manifest } from '../runtime/contract.ts'
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
  const explained = find(plans, name)
  if (!explained) {
    const names = [
      ...plans.views.map(plan => plan.view.name),
      ...plans.onDemandViews.map(plan => plan.view.name),
      ...plans.services.map(plan => plan.service.name),
    ]
    throw new CommandError(exitCodes.invocation, `there is no view or service "${name}"${nearest(name, names)}`)
  }
  const entry = manifest.views[name] ?? manifest.onDemandViews[name] ?? manifest.services[name]
  const emitted = Object.keys(entry?.statements ?? {})
  const { dialect } = options
  if (dialect !== undefined && !emitted.includes(dialect))
    throw new CommandError(
      exitCodes.invocation,
      `nothing was built for dialect "${dialect}"${nearest(dialect, emitted)}`,
    )
  const statements = statementsOf(manifest, plans, name, dialect === undefined ? emitted : [dialect])
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
    data(JSON.stringify({ definition: explained.definition, manifest: entry, statements }, null, 2))
  } else {
    data([explained.describe(emitted), ...statements.map(({ path }) => `── ${path}\n\n${texts.get(path)}`)].join('\n'))
  }
  return exitCodes.fine
}

interface Explained {
  readonly definition: object
  /** In words; for views, also how each dialect of those that were emitted computes them. */
  readonly describe: (emitted: readonly string[]) => string
}

function find({ views, onDemandViews, services }: Plans, name: string): Explained | null {
  const view = views.find(plan => plan.view.name === name)
  if (view) return { definition: view.view, describe: emitted => describe(view, emitted) }
  const onDemand = onDemandViews.find(plan => plan.view.name === name)
  if (onDemand) return { definition: onDemand.view, describe: () => describeOnDemand(onDemand) }
  const service = services.find(plan => plan.service.name === name)
  return service ? { definition: service.service, describe: () => describeService(service) } : null
}

/** The statements of a view, its source's and those by its aliases among them, of an on-demand view, or of a service. */
function statementsOf(
  manifest: Manifest,
  { aliases }: Plans,
  name: string,
  of: readonly string[],
): { kind: string; path: string }[] {
  const view = manifest.views[name]
  const own = aliases.filter(({ plan }) => plan.view.name === name)
  return of.flatMap(dialect => {
    const texts = view?.statements[dialect]
    const computed = manifest.onDemandViews[name]?.statements[dialect]
    const source = manifest.sources[view?.sources.at(-1) ?? '']?.statements[dialect]
    const paths = {
      relation: source?.relation,
      snapshot: source?.snapshot,
      point_in_time: texts?.pointInTime,
      ...Object.fromEntries(
        own.map(({ alias }) => [`as_${alias}`, statementPaths(dialect).pointInTimeAs(name, alias ?? '')]),
      ),
      materialize: texts?.materialize,
      materialize_changed: texts?.materializeChanged,
      lookup: texts?.lookup,
      inputs: computed?.inputs,
      training: (texts ?? computed ?? manifest.services[name]?.statements[dialect])?.training,
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

function describeOnDemand({ view, inputs, retrieval }: OnDemandPlan): string {
  const facts = [
    ['defined', `${view.provenance.file} ${view.provenance.symbol}`],
    ['keys', columnsText(retrieval.keys)],
    ['request', columnsText(retrieval.request)],
    ...inputs.map(({ name, features }): [string, string] => [`input ${name}`, describeOrigins(features)]),
    ['is', describeOnDemandView(view)],
    ['functions', onDemandPath],
  ].filter(([, text]) => text !== '')
  const rows = view.features.map(feature => [
    feature.name,
    `${describeType(feature.type)}${feature.default === null ? ' or null' : ''}`,
    describeOnDemandFeature(feature),
  ])
  return [
    `view ${view.name}`,
    ...(view.doc ? ['', view.doc] : []),
    '',
    table(['', ''], facts as [string, string][]).trimStart(),
    '',
    table(['feature', 'type', 'value'], rows),
    '',
  ].join('\n')
}

function describeService({ service, retrieval }: ServicePlan): string {
  const answered = (of: string): string =>
    retrieval.answer.flatMap(({ name, of: origin }) => (origin === of ? [name] : [])).join(', ') ||
    'none: only functions see it'
  const rows = [
    ...retrieval.uses.map(({ name, plan }) => [name, describeView(plan.view), answered(name)]),
    ...retrieval.onDemand.map(({ view }) => [view.name, describeOnDemandView(view), answered(view.name)]),
  ]
  const facts = [
    ['defined', `${service.provenance.file} ${service.provenance.symbol}`],
    ['keys', columnsText(retrieval.keys)],
    ['request', columnsText(retrieval.request)],
  ].filter(([, text]) => text !== '')
  return [
    `service ${service.name}`,
    ...(service.doc ? ['', service.doc] : []),
    '',
    ...facts.map(([name = '', text]) => `${name.padEnd(7)}  ${text}`),
    '',
    table(['view', 'is', 'features'], rows),
    '',
  ].join('\n')
}

function columnsText(columns: readonly Field[]): string {
  return columns.map(({ name, type }) => `${name} ${describeType(type)}`).join(', ')
}
