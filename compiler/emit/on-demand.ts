/** `on-demand.mjs`: the functions of all on-demand views and what they use, and what names them. */
import { describeType } from '../catalog/describe.ts'
import { fingerprint } from '../catalog/fingerprint.ts'
import { functionsName } from '../functions/bundle.ts'
import type { Functions } from '../functions/functions.ts'
import type { OnDemandPlan } from '../plan/retrieval-plan.ts'
import type { Artefact } from './artefact.ts'
import { onDemandRows } from './on-demand-rows.ts'
import { lines, templates } from './render.ts'

const render = templates(new URL('./templates/', import.meta.url))

export const onDemandPath = 'on-demand.mjs'

export function emitOnDemand(plans: readonly OnDemandPlan[], functions: Functions): Artefact {
  const rows = plans.map(({ view, inputs, retrieval }) => {
    const rowsName = `${view.name}__rows`
    const described = {
      name: rowsName,
      requested: view.request,
      inputs: Object.fromEntries(inputs.map(({ name, features }) => [name, features])),
      features: view.features,
      onDemand: retrieval.onDemand.map(other => other.view.name),
    }
    const text = onDemandRows(described, feature => `${functionsName(view.name)}.${feature}`)
    return { view: view.name, name: rowsName, functions: functionsName(view.name), text }
  })
  return {
    path: onDemandPath,
    text: render('on-demand.mjs', { views: plans.map(heading), code: functions.code, rows }),
  }
}

function heading({ view, inputs }: OnDemandPlan) {
  return {
    name: view.name,
    provenance: view.provenance,
    doc: lines(view.doc),
    given: [
      ...(view.request.length === 0
        ? []
        : [`request: ${view.request.map(({ name, type }) => `${name} ${describeType(type)}`).join(', ')}`]),
      ...inputs.map(({ name, features }) => `${name}: ${describeOrigins(features)}`),
    ],
    features: view.features.map(feature => ({
      name: feature.name,
      type: describeType(feature.type),
      doc: lines(feature.doc),
    })),
  }
}

/** @example 'flights_2h, avg_delay_1d of origin_stats' */
export function describeOrigins(features: OnDemandPlan['inputs'][number]['features']): string {
  return `${features.map(({ name }) => name).join(', ')} of ${features[0]?.of ?? 'nothing'}`
}

/** Changes with what decides a value: the functions and all they use, their types, what they are given, and by which keys. */
export function onDemandFingerprint({ view }: OnDemandPlan, functions: Functions): string {
  return fingerprint({
    code: functions.identities.get(view.name) ?? null,
    request: view.request,
    inputs: view.inputs,
    features: view.features.map(({ name, type }) => ({ name, type })),
  })
}

/** Covers the rest: documentation, ownership, and what stands in for null. */
export function onDemandMetadataFingerprint({ view }: OnDemandPlan): string {
  const { provenance, doc, owner, tags, features } = view
  return fingerprint({
    provenance,
    doc,
    owner,
    tags,
    features: features.map(feature => ({ name: feature.name, doc: feature.doc, default: feature.default })),
  })
}
