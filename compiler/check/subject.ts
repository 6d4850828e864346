/** What every check is given: one definition, and a way to complain about a part of it. */
import type { Definition } from '../../dsl/index.ts'
import { type Code, diagnostic, type ParametersOf } from '../diagnostics/codes.ts'
import type { Diagnostic, Place, Related } from '../diagnostics/diagnostic.ts'
import type { LoadedDefinition } from '../load/evaluate.ts'
import type { Locator } from '../load/locate.ts'

export interface Subject<D extends Definition = Definition> {
  readonly definition: D
  /** How messages call it: `source "landings"`. */
  readonly title: string
  readonly project: Project
  place(path: readonly string[]): Place | null
  report<C extends Code>(
    code: C,
    parameters: ParametersOf<C>,
    path: readonly string[],
    related?: readonly Related[],
  ): void
}

/** All that was loaded. */
export interface Project {
  /** Names the generated store. */
  readonly name: string
  readonly loaded: readonly LoadedDefinition[]
  readonly locator: Locator
  readonly dialects: readonly string[]
  readonly diagnostics: Diagnostic[]
}

/** The words for a definition's kind. */
export const nouns = {
  entity: 'entity',
  source: 'source',
  feature_view: 'view',
  sql_feature_view: 'view',
  on_demand_feature_view: 'view',
  feature_service: 'service',
} as const satisfies Record<Definition['kind'], string>

export function titleOf({ kind, name }: Definition): string {
  return `${nouns[kind]} "${name}"`
}

export function subject<D extends Definition>(definition: D, project: Project): Subject<D> {
  const reference = project.loaded.find(item => item.definition === definition)
  const place = (path: readonly string[]): Place | null => (reference ? project.locator.place(reference, path) : null)
  return {
    definition,
    title: titleOf(definition),
    project,
    place,
    report(code, parameters, path, related = []) {
      project.diagnostics.push(diagnostic(code, parameters, place(path), related))
    },
  }
}

/** A line about another definition, with its place. */
export function relatedTo(definition: Definition, project: Project, path: readonly string[], message: string): Related {
  return { message, place: subject(definition, project).place(path) }
}

export function isLoaded(definition: Definition, project: Project): boolean {
  return project.loaded.some(item => item.definition === definition)
}
