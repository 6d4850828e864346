/** `meridian watch`: builds whenever a file of the definitions is saved. */
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { BuildResult, Change } from '../compiler/index.ts'
import { buildProject, verbs } from './build.ts'
import { type ExitCode, exitCodes } from './exit-codes.ts'
import { Folders } from './folders.ts'
import { ConfigError, type FoundProject, findConfig, findProjects, type ProjectOptions } from './project.ts'
import { report } from './report.ts'
import { colors, data, note, plural } from './terminal.ts'

export interface WatchCommandOptions extends ProjectOptions {
  readonly json?: boolean
}

interface Watched {
  readonly project: FoundProject
  /** The texts that the last build read, by absolute path; null for a file that was not there. */
  readonly inputs: Map<string, string | null>
  /** A build that failed may be waiting for a file that it could not name. */
  failed: boolean
  /** What was said of the last build, but for its time. */
  said: string
  /** What builds did that were out of date before they ended, by path: the next one tells it. */
  readonly untold: Map<string, Change>
}

export async function watchCommand(options: WatchCommandOptions): Promise<ExitCode> {
  const config = findConfig(options)
  let watched = watchedOf(await findProjects(options))
  let configText = textOf(config)
  const interrupt = new AbortController()
  const stop = () => interrupt.abort()
  process.once('SIGINT', stop).once('SIGTERM', stop)
  const folders = new Folders()
  let isWarm = false
  try {
    while (!interrupt.signal.aborted) {
      const text = textOf(config)
      if (text !== configText) {
        configText = text
        watched = (await reloaded(options)) ?? watched
      }
      for (const one of watched) if (isDue(one)) await buildOne(one, options)
      folders.watch(new Set([dirname(config), ...watched.flatMap(foldersOf)]))
      if (!isWarm) void startEngines(watched)
      isWarm = true
      // What was saved while nobody watched its folder yet.
      if (!watched.some(isStale)) await folders.change(interrupt.signal)
    }
  } finally {
    folders.close()
    process.off('SIGINT', stop).off('SIGTERM', stop)
  }
  return exitCodes.fine
}

/** So that the first change does not wait for them. Whether one starts is asked where it is needed. */
async function startEngines(watched: readonly Watched[]): Promise<void> {
  const { dialects } = await import('../compiler/index.ts')
  const used = dialects.filter(({ name }) =>
    watched.some(({ project }) => (project.dialects ?? [name]).some(dialect => dialect === name)),
  )
  for (const dialect of used)
    await dialect.openCatalogue().then(
      catalogue => catalogue.close(),
      () => {},
    )
}

function watchedOf(projects: readonly FoundProject[]): Watched[] {
  return projects.map(project => ({ project, inputs: new Map(), failed: true, said: '', untold: new Map() }))
}

/** Null where the configuration is wrong, which is told: the last one that was sound goes on. */
async function reloaded(options: WatchCommandOptions): Promise<Watched[] | null> {
  try {
    return watchedOf(await findProjects(options))
  } catch (error) {
    if (error instanceof ConfigError) report(error.diagnostics, error.root, error.prefix, 'pretty')
    else note(`${colors.red('error')} ${(error as Error).message}`)
    return null
  }
}

const isStale = ({ inputs }: Watched): boolean => [...inputs].some(([file, text]) => textOf(file) !== text)
const isDue = (watched: Watched): boolean => watched.failed || isStale(watched)

function foldersOf({ project, inputs }: Watched): string[] {
  return [join(project.root, project.definitions), ...inputs.keys()].map(file => dirname(file))
}

async function buildOne(watched: Watched, options: WatchCommandOptions): Promise<void> {
  const { project, inputs } = watched
  const stale = isStale(watched)
  // What is saved while it builds is not what it read.
  const before = new Map([...inputs.keys()].map(file => [file, textOf(file)]))
  const started = performance.now()
  try {
    const result = await buildProject(project)
    const milliseconds = Math.round(performance.now() - started)
    inputs.clear()
    for (const file of [project.definitions, ...result.inputs]) {
      const path = join(project.root, file)
      inputs.set(path, before.has(path) ? (before.get(path) ?? null) : textOf(path))
    }
    say(watched, result, stale, { milliseconds, json: options.json ?? false })
  } catch (error) {
    // The next save may mend it: a folder that cannot be written, or a fault of ours.
    watched.failed = true
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error)
    if (watched.said !== text) note(`${colors.red('fault')} ${project.name}: ${text}`)
    watched.said = text
  }
}

function say(
  watched: Watched,
  result: BuildResult,
  stale: boolean,
  { milliseconds, json }: { readonly milliseconds: number; readonly json: boolean },
): void {
  const { project } = watched
  const { diagnostics } = result
  for (const change of result.changes) watched.untold.set(change.path, change)
  watched.failed = diagnostics.length > 0
  // A file was saved while it was built: what the next build says takes the place of this.
  if (isStale(watched)) return
  const changes = [...watched.untold.values()]
  watched.untold.clear()
  const said = diagnostics.length > 0 ? JSON.stringify(diagnostics) : ''
  // A failure that was tried again since some other file came or went.
  const isNew = stale || said === '' || said !== watched.said
  watched.said = said
  if (!isNew) return
  if (json) {
    const named = changes.map(({ path, kind }) => ({ path, change: verbs[kind] }))
    data(JSON.stringify({ project: project.name, diagnostics, changes: named, milliseconds }))
    return
  }
  if (diagnostics.length > 0) {
    report(diagnostics, project.root, project.prefix, 'pretty')
    return
  }
  const files = changes.length === 0 ? 'nothing changed' : `${plural(changes.length, 'file')} changed`
  note(`${colors.green(project.name)}: ${files}, in ${milliseconds} ms`)
}

function textOf(file: string): string | null {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return null
  }
}
