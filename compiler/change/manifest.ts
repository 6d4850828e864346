/**
 * A manifest as it is compared. What is compared with was written by some version of Meridian, maybe before this one: what
 * it may lack is optional here.
 */
import type { FeatureManifest, Field, Manifest, SourceManifest, ViewManifest } from '../../runtime/contract.ts'

type Since<T, Added extends keyof T> = Omit<T, Added> & Partial<Pick<T, Added>>

/** Of a view or an on-demand view. */
export type ComparedFeature = Since<Omit<FeatureManifest, 'empty' | 'eventTimestamp'>, 'description' | 'fingerprint'>
export type ComparedView = Since<Omit<ViewManifest, 'features'>, 'boundary'> & {
  readonly features: readonly ComparedFeature[]
}
export type ComparedSource = Since<SourceManifest, 'eventTimestamp' | 'createdTimestamp' | 'tieBreak' | 'fingerprint'>

/** What a service or an on-demand view answers, and of what. */
interface Answered {
  readonly name: string
  readonly property: string
  readonly keys: readonly Field[]
  readonly request?: readonly Field[]
  readonly owner: string | null
  readonly statements: Readonly<Record<string, Readonly<Record<string, string>>>>
  /** Views read, by the names of their uses. */
  readonly uses?: readonly { readonly name: string; readonly view: string }[]
  readonly onDemand?: readonly string[]
}

export interface ComparedService extends Answered {
  /** What pods answer while a store is away; an error, in builds that do not say. */
  readonly onStoreFailure?: 'error' | 'defaults'
  /** Of a build without on-demand views: all features of these are the answer. */
  readonly views?: readonly string[]
  readonly answer?: readonly { readonly name: string; readonly of: string; readonly feature: string }[]
}

export interface ComparedOnDemandView extends Answered {
  readonly features: readonly ComparedFeature[]
  readonly fingerprint: string
  readonly metadataFingerprint: string
  readonly tags: readonly string[]
}

export interface ComparedManifest extends Pick<Manifest, 'project' | 'artefacts'> {
  readonly sources: Readonly<Record<string, ComparedSource>>
  readonly views: Readonly<Record<string, ComparedView>>
  readonly onDemandViews?: Readonly<Record<string, ComparedOnDemandView>>
  readonly services: Readonly<Record<string, ComparedService>>
}

export interface Compared {
  readonly before: ComparedManifest
  readonly after: ComparedManifest
}

/** Names of the feature views that it reads, each once, in declared order. */
export function viewsOf({
  views,
  uses,
}: ComparedService | (ComparedOnDemandView & { views?: readonly string[] })): string[] {
  return [...new Set(uses ? uses.map(({ view }) => view) : (views ?? []))]
}
