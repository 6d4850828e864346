/** Views as they are listed: by themselves, or with other names for their join keys, or with some of their features. */
import type { JoinKeyType, ListedView, ViewDefinition, ViewUseDefinition } from '../../dsl/index.ts'

/** What is listed, in one form. */
export function viewUse(listed: ListedView): ViewUseDefinition {
  if (listed.kind === 'view_use') return listed
  return { kind: 'view_use', view: listed, alias: null, joinKeys: {}, picked: null }
}

export interface KeyArgument {
  /** The view's own name for it. */
  readonly joinKey: string
  /** What a caller and a spine give it by. */
  readonly argument: string
  readonly type: JoinKeyType
}

/** The arguments that the join keys of a view are given by; an on-demand view has none of its own. */
export function argumentsOf(view: ViewDefinition, joinKeys: Readonly<Record<string, string>>): KeyArgument[] {
  if (view.kind === 'on_demand_feature_view') return []
  return Object.entries(view.entity.joinKeys).map(([joinKey, type]) => ({
    joinKey,
    argument: (Object.hasOwn(joinKeys, joinKey) ? joinKeys[joinKey] : undefined) ?? joinKey,
    type,
  }))
}

/** The name of a use: that of its point-in-time rows, before `__features`. */
export function useName(view: string, alias: string | null): string {
  return alias === null ? view : `${view}__${alias}`
}

/** The name of a feature in an answer. */
export function answeredName(alias: string | null, feature: string): string {
  return alias === null ? feature : `${alias}_${feature}`
}
