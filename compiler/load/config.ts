/** `meridian.config.ts`: bundled and evaluated like definitions are. */
import { basename, dirname } from 'node:path'
import type { Project } from '../../dsl/index.ts'
import type { Diagnostic } from '../diagnostics/diagnostic.ts'
import { type Bundle, bundle } from './bundle.ts'
import { evaluate } from './evaluate.ts'
import { bundleErrors, evaluationError } from './failure.ts'

export interface LoadedConfig {
  readonly projects: readonly Project[]
  /** Files that the configuration is read from, relative to its folder. */
  readonly inputs: readonly string[]
  readonly diagnostics: readonly Diagnostic[]
}

/** The projects that a configuration file exports as its default. */
export async function loadConfig(file: string): Promise<LoadedConfig> {
  const root = dirname(file)
  const entry = basename(file)
  let bundled: Bundle
  try {
    bundled = await bundle(root, [entry])
  } catch (error) {
    return { projects: [], inputs: [entry], diagnostics: bundleErrors(error, root) }
  }
  const { namespaces, error } = await evaluate(bundled.text)
  if (error !== undefined)
    return { projects: [], inputs: bundled.files, diagnostics: [evaluationError(error, bundled, root)] }
  const exported = (namespaces[0] as { default?: unknown } | undefined)?.default
  const projects = (Array.isArray(exported) ? exported : [exported]).filter(isProject)
  return { projects, inputs: bundled.files, diagnostics: [] }
}

function isProject(value: unknown): value is Project {
  const project = value as Partial<Project> | null | undefined
  return [project?.name, project?.definitions, project?.output].every(part => typeof part === 'string')
}
