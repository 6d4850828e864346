/** What became of services and on-demand views: what is made of feature views. */
import { clientPath } from '../emit/client-paths.ts'
import type { Change, ChangedKind } from './change.ts'
import type { Comparison } from './comparison.ts'
import { describeExactly, featureChanges } from './features.ts'
import { answersOf } from './handle.ts'
import { type ComparedOnDemandView, type ComparedService, viewsOf } from './manifest.ts'
import { oneSided } from './one-sided.ts'
import type { Names, Pair } from './rename.ts'
import { statementChanges } from './statements.ts'

type IsFelt = (kind: ChangedKind, name: string) => boolean

export function serviceChange(pair: Pair<ComparedService>, comparison: Comparison, isFelt: IsFelt): Change | null {
  const { before, after } = pair
  const statements = statementChanges(before?.statements ?? null, after?.statements ?? null, comparison)
  const common = { kind: 'service', features: [], cost: null, statements } as const
  if (!before || !after) return oneSided(pair, common)
  const values = [
    ...members(before, after, comparison.names),
    ...argumentsOf(before, after),
    ...answers(pair, comparison),
  ]
  const metadata = before.owner === after.owner ? [] : [`owner ${after.owner ?? 'none'}, was ${before.owner ?? 'none'}`]
  const [answeredThen, answeredNow] = [before, after].map(({ onStoreFailure = 'error' }) => onStoreFailure)
  if (answeredThen !== answeredNow) metadata.push(`while a store is away: ${answeredNow}, was ${answeredThen}`)
  const because = causes(after, isFelt)
  const client = clientPath(after.name)
  const documented =
    before.name === after.name && comparison.before.artefacts[client] !== comparison.after.artefacts[client]
  return finish({ ...common, before, after, because, values, metadata, documented })
}

export function onDemandChange(
  pair: Pair<ComparedOnDemandView>,
  comparison: Comparison,
  isFelt: IsFelt,
): Change | null {
  const { before, after } = pair
  const statements = statementChanges(before?.statements ?? null, after?.statements ?? null, comparison)
  const features = before && after ? featureChanges(comparison.features.get(after.name) ?? []) : []
  const common = { kind: 'on_demand_view', features, cost: null, statements } as const
  if (!before || !after) return oneSided(pair, common)
  const because = causes(after, isFelt)
  const values = [...members(before, after, comparison.names), ...argumentsOf(before, after)]
  if (before.fingerprint !== after.fingerprint && values.length + features.length === 0)
    values.push('its functions compute something else')
  const metadata: string[] = []
  if (before.owner !== after.owner) metadata.push(`owner ${after.owner ?? 'none'}, was ${before.owner ?? 'none'}`)
  if (String(before.tags) !== String(after.tags))
    metadata.push(`tags ${after.tags.join(', ') || 'none'}, was ${before.tags.join(', ') || 'none'}`)
  const documented = before.metadataFingerprint !== after.metadataFingerprint
  return finish({ ...common, before, after, because, values, metadata, documented })
}

type Common = Pick<Change, 'kind' | 'features' | 'cost' | 'statements'>

function finish({
  before,
  after,
  values,
  metadata,
  documented,
  ...common
}: Common & {
  readonly before: { readonly name: string }
  readonly after: { readonly name: string }
  readonly because: readonly string[]
  readonly values: readonly string[]
  readonly metadata: readonly string[]
  /** Whether what documents it changed, or what is generated from it in any way. */
  readonly documented: boolean
}): Change | null {
  const { name } = after
  const reasons = [...values, ...metadata]
  const isChanged = values.length + common.features.length > 0
  if (before.name !== name)
    return { ...common, name, was: before.name, change: 'renamed', effect: isChanged ? 'values' : 'metadata', reasons }
  if (isChanged) return { ...common, name, was: null, change: 'changed', effect: 'values', reasons }
  if (common.because.length > 0) return { ...common, name, was: null, change: 'affected', effect: 'values', reasons }
  if (metadata.length > 0) return { ...common, name, was: null, change: 'changed', effect: 'metadata', reasons }
  if (documented)
    return { ...common, name, was: null, change: 'changed', effect: 'metadata', reasons: ['documentation'] }
  if (common.statements.length === 0) return null
  return { ...common, name, was: null, change: 'changed', effect: 'statements', reasons }
}

function causes(after: ComparedService | ComparedOnDemandView, isFelt: IsFelt): string[] {
  return [
    ...viewsOf(after)
      .filter(name => isFelt('view', name))
      .map(name => `view ${name}`),
    ...(after.onDemand ?? []).filter(name => isFelt('on_demand_view', name)).map(name => `on-demand view ${name}`),
  ]
}

type Member = ComparedService | ComparedOnDemandView

/** Which views it reads. */
function members(
  before: Member,
  after: Member,
  names: { readonly view: Names; readonly onDemandView: Names },
): string[] {
  const listed = (of: Member, view: Names, onDemandView: Names): string[] => [
    ...viewsOf(of).map(name => `view ${view(name)}`),
    ...(of.onDemand ?? []).filter(name => name !== of.name).map(name => `on-demand view ${onDemandView(name)}`),
  ]
  const same: Names = name => name
  return differences(listed(before, names.view, names.onDemandView), listed(after, same, same))
}

function argumentsOf(before: Member, after: Member): string[] {
  const all = ({ keys, request = [] }: Member) =>
    [...keys, ...request].map(({ name, type }) => `argument ${name} ${describeExactly(type)}`)
  return differences(all(before), all(after))
}

/** What of its answer changed though its views are as before: what was picked of them, and under which names. */
function answers({ before, after }: Pair<ComparedService>, comparison: Comparison): string[] {
  if (!before || !after) return []
  const old = answersOf(before, comparison.before).map(answer => ({ name: answer.name, ...comparison.present(answer) }))
  const made = answersOf(after, comparison.after)
  const reads = (service: readonly { readonly of: string }[], of: string) => service.some(answer => answer.of === of)
  const isKept = (of: string, feature: string): boolean => {
    const pair = comparison.features.get(of)?.find(features => features.after?.name === feature)
    // What became of the feature, or of the view in the service, is said there.
    return pair?.before != null && pair.before.name === feature && reads(old, of) && reads(made, of)
  }
  const same = (answer: (typeof old)[number], other: (typeof old)[number]) =>
    answer.of === other.of && answer.feature === other.feature
  return [
    ...made
      .filter(({ name, of, feature }) => isKept(of, feature) && old.every(other => other.name !== name))
      .map(answer => {
        const was = old.find(other => same(other, answer) && made.every(({ name }) => name !== other.name))
        return was ? `answers ${answer.name}, was ${was.name}` : `answers ${answer.name}`
      }),
    ...old
      .filter(({ name, of, feature }) => isKept(of, feature) && made.every(other => other.name !== name))
      .filter(answer => !made.some(other => same(other, answer) && old.every(({ name }) => name !== other.name)))
      .map(({ name }) => `no longer answers ${name}`),
  ]
}

function differences(before: readonly string[], after: readonly string[]): string[] {
  return [
    ...after.filter(text => !before.includes(text)).map(text => `${text} added`),
    ...before.filter(text => !after.includes(text)).map(text => `${text} removed`),
  ]
}
