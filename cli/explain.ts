/** `meridian explain`: what a view or service is, what it became, and with a key, why its values are what they are. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Catalog } from '../compiler/catalog/catalog.ts'
import type { Plans } from '../compiler/emit/index.ts'
import { compile } from '../compiler/index.ts'
import { createLocator } from '../compiler/load/locate.ts'
import type { Manifest } from '../runtime/contract.ts'
import { CommandError, type ExitCode, exitCodes } from './exit-codes.ts'
import type { EvidenceOptions } from './explain/evidence.ts'
import {
  entryOf,
  findSubject,
  planOf,
  type Statement,
  type Subject,
  statementsOf,
  subjectNames,
  writtenOf,
} from './explain/subject.ts'
import { explainText } from './explain/text.ts'
import { nearest } from './nearest.ts'
import type { RunOptions } from './open.ts'
import { type FoundProject, findProject } from './project.ts'
import { report } from './report.ts'
import { data, json } from './terminal.ts'

export interface ExplainCommandOptions extends RunOptions, EvidenceOptions {
  readonly statement?: string
  readonly dialect?: string
}

interface Built {
  readonly project: FoundProject
  readonly catalog: Catalog
  readonly plans: Plans
  readonly manifest: Manifest
  /** Of artefacts, by path. */
  readonly texts: ReadonlyMap<string, string>
  readonly inputs: readonly string[]
}

export async function explainCommand(name: string, options: ExplainCommandOptions): Promise<ExitCode> {
  const project = await findProject(options)
  const { diagnostics, artefacts, plans, catalog, inputs } = await compile(project)
  if (!plans || !catalog) {
    report(diagnostics, project.root, project.prefix, options.json ? 'json' : 'pretty')
    return exitCodes.definitions
  }
  const texts = new Map(artefacts.map(({ path, text }) => [path, text]))
  const manifest = JSON.parse(texts.get('manifest.json') ?? '{}') as Manifest
  const subject = findSubject(plans, catalog, name)
  if (!subject)
    throw new CommandError(
      exitCodes.invocation,
      `there is no view or service "${name}"${nearest(name, subjectNames(plans))}`,
    )
  await explain(subject, { project, catalog, plans, manifest, texts, inputs }, options)
  return exitCodes.fine
}

async function explain(subject: Subject, built: Built, options: ExplainCommandOptions): Promise<void> {
  const { manifest, plans, texts } = built
  const { name } = entryOf(subject)
  const entry = manifest.views[name] ?? manifest.onDemandViews[name] ?? manifest.services[name]
  const emitted = Object.keys(entry?.statements ?? {})
  const { dialect } = options
  if (dialect !== undefined && !emitted.includes(dialect))
    throw new CommandError(
      exitCodes.invocation,
      `nothing was built for dialect "${dialect}"${nearest(dialect, emitted)}`,
    )
  const statements = statementsOf(manifest, plans, name, dialect === undefined ? emitted : [dialect])
  if (options.statement !== undefined && options.key !== undefined)
    throw new CommandError(exitCodes.invocation, '--statement prints what was built; --key runs it: give one of them')
  if (options.statement !== undefined) {
    data(texts.get(pathOf(statements, options.statement, name)) ?? '')
    return
  }
  const evidence = await evidenceOf(subject, built, options)
  if (evidence && !options.json) {
    const { evidenceText } = await import('./explain/evidence-text.ts')
    data(evidenceText(evidence, options))
    return
  }
  const locator = await createLocator(built.project.root, built.inputs)
  const written = writtenOf(locator, entryOf(subject).provenance, featuresOf(subject))
  const schema = texts.get(`redis/${name}.json`)
  if (options.json) {
    const explained = {
      definition: written,
      catalog: entryOf(subject),
      manifest: entry,
      plan: planOf(subject),
      lineage: subject.lineage,
      keySchema: schema === undefined ? null : JSON.parse(schema),
      statements: statements.map(statement => ({ ...statement, sql: texts.get(statement.path) })),
      ...(evidence && { evidence }),
    }
    data(json(explained, 2))
    return
  }
  const files = [...(schema === undefined ? [] : [`redis/${name}.md`]), ...statements.map(({ path }) => path)]
  data(
    explainText({
      subject,
      written,
      prefix: built.project.prefix,
      emitted,
      files: files.map(path => ({ path, text: texts.get(path) ?? '' })),
    }),
  )
}

function featuresOf(subject: Subject) {
  return subject.kind === 'service' ? [] : subject.plan.view.features
}

function pathOf(statements: readonly Statement[], kind: string, name: string): string {
  const found = statements.find(statement => statement.kind === kind)
  if (found) return found.path
  const kinds = [...new Set(statements.map(statement => statement.kind))]
  throw new CommandError(exitCodes.invocation, `${name} has no statement "${kind}"${nearest(kind, kinds)}`)
}

/** Null unless a key, request data or an instant is given. */
async function evidenceOf(subject: Subject, { project, texts }: Built, options: ExplainCommandOptions) {
  const { key, request, asOf } = options
  const isAsked = key !== undefined || request !== undefined || asOf !== undefined
  const others = ['accuracy', 'ticks', 'rows', 'feature', 'duckdb'] as const
  const vain = others.find(option => options[option] !== undefined)
  if (!isAsked && vain !== undefined)
    throw new CommandError(exitCodes.invocation, `--${vain} goes with --key name=value`)
  if (!isAsked) return null
  // What runs are the files, and the rows are explained by the definitions: they must be of one build.
  if (textOf(join(project.root, project.output, 'manifest.json')) !== texts.get('manifest.json'))
    throw new CommandError(
      exitCodes.stale,
      `${project.prefix}${project.output} is not what the definitions make: run \`meridian build\`, and explain then`,
    )
  const { findEvidence } = await import('./explain/evidence.ts')
  return findEvidence(subject, texts, options)
}

function textOf(path: string): string | null {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return null
  }
}
