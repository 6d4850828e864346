/** `GET /v1/catalog`: what there is, with what it is asked and what it answers. */
import type { Manifest, Retrieved } from '../contract.ts'
import type { Subject } from './subject.ts'

export interface Documented {
  readonly paths: Readonly<Record<string, { readonly post?: { readonly description?: string } }>>
}

/** The text of the catalogue, which stays the same for as long as the pod runs. */
export function catalogueText(
  manifest: Manifest,
  build: string,
  subjects: readonly Subject[],
  api: Documented,
): string {
  const of = (kind: 'service' | 'view') =>
    subjects.filter(({ served }) => served.kind === kind).map(subject => entry(manifest, subject, api))
  return JSON.stringify({ project: manifest.project, build, services: of('service'), views: of('view') })
}

function entry(manifest: Manifest, { served, title }: Subject, api: Documented) {
  const { name, retrieved } = served
  const path = `/v1/${title}`
  const named = manifest[served.kind === 'service' ? 'services' : 'views'][name] ?? manifest.onDemandViews[name]
  const ticks = served.kind === 'view' ? manifest.views[name]?.ticks : undefined
  return {
    name,
    path,
    description: api.paths[path]?.post?.description ?? null,
    owner: named?.owner ?? null,
    keys: retrieved.keys,
    request: retrieved.request,
    features: featuresOf(manifest, retrieved),
    refresh_seconds: ticks && manifest.views[name]?.materialize ? ticks.refresh / 1e6 : null,
  }
}

function featuresOf(manifest: Manifest, { uses, answer }: Retrieved) {
  return answer.map(({ name, of, feature }) => {
    const view = uses.find(use => use.name === of)?.view
    const features = view === undefined ? manifest.onDemandViews[of]?.features : manifest.views[view]?.features
    const found = features?.find(candidate => candidate.name === feature)
    return { name, type: found?.type, nullable: found?.nullable }
  })
}
