/** The parts of two builds, paired, and what of them is felt by what is made of them. */
import { pairFeatures } from './features.ts'
import { type Answer, answersOf } from './handle.ts'
import type {
  Compared,
  ComparedFeature,
  ComparedManifest,
  ComparedOnDemandView,
  ComparedService,
  ComparedSource,
  ComparedView,
} from './manifest.ts'
import { type Names, namesOf, type Pair, pairsOf } from './rename.ts'
import { restOfView } from './views.ts'

export interface Comparison extends Compared {
  readonly sources: readonly Pair<ComparedSource>[]
  readonly views: readonly Pair<ComparedView>[]
  readonly onDemandViews: readonly Pair<ComparedOnDemandView>[]
  readonly services: readonly Pair<ComparedService>[]
  readonly names: {
    readonly source: Names
    readonly view: Names
    readonly onDemandView: Names
    readonly service: Names
  }
  /** By the view's present name. */
  readonly features: ReadonlyMap<string, readonly Pair<ComparedFeature>[]>
  /** An answer before, by its present names. */
  readonly present: (answer: Answer) => { readonly of: string; readonly feature: string }
}

export function comparisonOf(before: ComparedManifest, after: ComparedManifest): Comparison {
  const sources = pairsOf(Object.values(before.sources), Object.values(after.sources), ({ fingerprint, reads }) =>
    fingerprint === undefined ? null : { fingerprint, reads },
  )
  const source = namesOf(sources)
  const views = pairsOf(Object.values(before.views), Object.values(after.views), (view, build) =>
    restOfView(view, build === 'before' ? source : same),
  )
  const onDemandViews = pairsOf(
    Object.values(before.onDemandViews ?? {}),
    Object.values(after.onDemandViews ?? {}),
    ({ fingerprint, features }) => ({ fingerprint, features }),
  )
  const view = namesOf(views)
  const onDemandView = namesOf(onDemandViews)
  const features = new Map(
    [...views, ...onDemandViews].map(pair => [
      pair.after?.name ?? '',
      pairFeatures(pair.before?.features ?? [], pair.after?.features ?? []),
    ]),
  )
  const featureNames = new Map([...features].map(([name, pairs]) => [name, namesOf(pairs)]))
  const present = ({ of, feature }: Answer) => {
    const owner = before.views[of] ? view(of) : onDemandView(of)
    return { of: owner, feature: featureNames.get(owner)?.(feature) ?? feature }
  }
  const services = pairsOf(Object.values(before.services), Object.values(after.services), (service, build) => {
    const manifest = build === 'before' ? before : after
    const answers = answersOf(service, manifest).map(answer => (build === 'before' ? present(answer) : pick(answer)))
    return { keys: service.keys, request: service.request ?? [], owner: service.owner, answers }
  })
  const names = { source, view, onDemandView, service: namesOf(services) }
  return { before, after, sources, views, onDemandViews, services, names, features, present }
}

const same: Names = name => name
const pick = ({ of, feature }: Answer) => ({ of, feature })
