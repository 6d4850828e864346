/** What the generated client offers of a view or service: its arguments, and the features it answers. */

import type { Field } from '../../runtime/contract.ts'
import { typescriptType } from '../emit/typescript-type.ts'
import type { ComparedManifest, ComparedService } from './manifest.ts'

export interface Answer extends Field {
  readonly nullable: boolean
  /** The view that has it, and its name there. */
  readonly of: string
  readonly feature: string
}

export interface Handle {
  readonly kind: 'view' | 'on_demand_view' | 'service'
  readonly name: string
  /** How callers write it. */
  readonly property: string
  readonly arguments: readonly Field[]
  readonly answers: readonly Answer[]
}

export const words = { source: 'source', view: 'view', on_demand_view: 'on-demand view', service: 'service' } as const

/** Services first, as the client has them. */
export function handlesOf(manifest: ComparedManifest): Handle[] {
  const { views, services, onDemandViews = {} } = manifest
  const own = (name: string, features: readonly (Field & { readonly nullable: boolean })[]): Answer[] =>
    features.map(feature => ({
      name: feature.name,
      type: feature.type,
      nullable: feature.nullable,
      of: name,
      feature: feature.name,
    }))
  return [
    ...Object.values(services).map(
      (service): Handle => ({
        kind: 'service',
        name: service.name,
        property: service.property,
        arguments: [...service.keys, ...(service.request ?? [])],
        answers: answersOf(service, manifest),
      }),
    ),
    ...Object.values(views).map(
      ({ name, property, keys, features }): Handle => ({
        kind: 'view',
        name,
        property,
        arguments: keys,
        answers: own(name, features),
      }),
    ),
    ...Object.values(onDemandViews).map(
      ({ name, property, keys, request = [], features }): Handle => ({
        kind: 'on_demand_view',
        name,
        property,
        arguments: [...keys, ...request],
        answers: own(name, features),
      }),
    ),
  ]
}

export function answersOf({ views = [], uses = [], answer }: ComparedService, manifest: ComparedManifest): Answer[] {
  const featuresOf = (name: string) => (manifest.views[name] ?? manifest.onDemandViews?.[name])?.features ?? []
  const listed =
    answer ?? views.flatMap(view => featuresOf(view).map(({ name }) => ({ name, of: view, feature: name })))
  return listed.flatMap(({ name, of, feature }) => {
    const view = uses.find(use => use.name === of)?.view ?? of
    const found = featuresOf(view).find(candidate => candidate.name === feature)
    return found ? [{ name, type: found.type, nullable: found.nullable, of: view, feature }] : []
  })
}

/**
 * What is wrong, for who reads it, with a type in place of another; null where all that was possible before is still of
 * the same TypeScript type, and every value that was possible still is.
 */
export function narrowed(before: Field['type'], after: Field['type']): 'other' | 'narrower' | null {
  if (typescriptType(before) !== typescriptType(after)) return 'other'
  return holds(after, before) ? null : 'narrower'
}

/** Numbers from the narrowest: an int64 that is read as a number is in the range that a float64 holds exactly. */
const numbers: readonly string[] = ['int32', 'int64', 'float64']

/** Whether a type can hold every value of another one of the same TypeScript type. */
function holds(type: Field['type'], other: Field['type']): boolean {
  if (type.type === 'decimal' && other.type === 'decimal')
    return type.scale >= other.scale && type.precision - type.scale >= other.precision - other.scale
  if (type.type === 'list' && other.type === 'list') return holds(type.element, other.element)
  if (type.type === 'vector' && other.type === 'vector') return type.dimensions === other.dimensions
  if (type.type === other.type) return true
  return numbers.includes(other.type) && numbers.indexOf(type.type) > numbers.indexOf(other.type)
}
