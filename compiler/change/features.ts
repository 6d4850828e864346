/** What became of the features of a view. */
import { describeType } from '../catalog/describe.ts'
import type { FeatureChange } from './change.ts'
import type { ComparedFeature } from './manifest.ts'
import { type Pair, pairsOf } from './rename.ts'

export function pairFeatures(
  before: readonly ComparedFeature[],
  after: readonly ComparedFeature[],
): Pair<ComparedFeature>[] {
  return pairsOf(before, after, ({ fingerprint, type, nullable, default: value }) =>
    fingerprint === undefined ? null : { fingerprint, type, nullable, value },
  )
}

export function featureChanges(pairs: readonly Pair<ComparedFeature>[]): FeatureChange[] {
  return pairs.flatMap(({ before, after }): FeatureChange[] => {
    if (!after) return [{ name: before?.name ?? '', was: null, change: 'removed', reasons: [] }]
    const is = after.description ?? describeType(after.type)
    if (!before) return [{ name: after.name, was: null, change: 'added', reasons: [is] }]
    const reasons = differences(before, after)
    if (before.name !== after.name) return [{ name: after.name, was: before.name, change: 'renamed', reasons }]
    return reasons.length > 0 ? [{ name: after.name, was: null, change: 'changed', reasons }] : []
  })
}

function differences(before: ComparedFeature, after: ComparedFeature): string[] {
  const reasons: string[] = []
  if (before.fingerprint !== undefined && after.fingerprint !== undefined && before.fingerprint !== after.fingerprint)
    reasons.push(
      before.description === after.description
        ? `${after.description ?? 'it'}, computed from other values`
        : `${after.description}, was ${before.description}`,
    )
  if (describeExactly(before.type) !== describeExactly(after.type))
    reasons.push(`type ${describeExactly(after.type)}, was ${describeExactly(before.type)}`)
  if (before.default !== after.default)
    reasons.push(`default ${describeDefault(after.default)}, was ${describeDefault(before.default)}`)
  if (before.nullable !== after.nullable) reasons.push(after.nullable ? 'can be null now' : 'is never null now')
  return reasons
}

/** How an int64 is read, too. */
export function describeExactly(type: ComparedFeature['type']): string {
  return type.type === 'int64' ? `int64 as ${type.as}` : describeType(type)
}

function describeDefault(value: ComparedFeature['default']): string {
  return value === null ? 'none' : JSON.stringify(value)
}
