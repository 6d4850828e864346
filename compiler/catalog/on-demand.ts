/** On-demand views, and views as they are listed, in the catalogue. */
import type { ListedView, OnDemandFeatureViewDefinition } from '../../dsl/index.ts'
import type { Listed, OnDemandView } from './catalog.ts'
import { columnsOf, type Documented } from './documented.ts'
import { checkedLiteral } from './literal.ts'
import { argumentsOf, viewUse } from './view-use.ts'

export function buildOnDemandView(definition: OnDemandFeatureViewDefinition, documented: Documented): OnDemandView {
  const { name, owner, tags, request, inputs, features } = definition
  return {
    name,
    provenance: documented.provenance,
    doc: documented.doc(),
    owner,
    tags,
    request: columnsOf(request),
    inputs: Object.entries(inputs).map(([input, view]) => ({ name: input, listed: listed(view) })),
    features: Object.entries(features).map(([feature, { type, default: value }]) => ({
      name: feature,
      doc: documented.doc('features', feature),
      type,
      default: checkedLiteral(value, type),
    })),
  }
}

export function listed(item: ListedView): Listed {
  const { view, alias, joinKeys, picked } = viewUse(item)
  return {
    view: view.name,
    alias,
    keys: argumentsOf(view, joinKeys).map(({ argument }) => argument),
    features: picked ?? Object.keys(view.features),
  }
}
