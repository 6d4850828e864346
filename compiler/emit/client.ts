/** The typed client: one module for each view and service, and the index that connects. */
import type { Listed, View } from '../catalog/catalog.ts'
import {
  describeFeature,
  describeListed,
  describeOnDemandFeature,
  describeOnDemandView,
  describeRefresh,
  describeType,
  describeView,
} from '../catalog/describe.ts'
import { camelCase, pascalCase, propertyName } from '../catalog/names.ts'
import { answeredName } from '../catalog/view-use.ts'
import type { OnDemandPlan } from '../plan/retrieval-plan.ts'
import type { ServicePlan } from '../plan/training-plan.ts'
import { isNullable, type ViewPlan } from '../plan/view-plan.ts'
import type { Artefact } from './artefact.ts'
import { clientPath, mapPath, mapsFolder, storePath } from './client-paths.ts'
import type { Plans } from './index.ts'
import { lines, templates } from './render.ts'
import { mentionsJson, typescriptType } from './typescript-type.ts'

const render = templates(new URL('./templates/', import.meta.url))

/** `wayToRoot`: from the generated folder to the project's. */
export function emitClient(project: string, plans: Plans, wayToRoot: string): Artefact[] {
  const declared = (path: string, template: string, model: object): Artefact => {
    const up = path.split('/').map((_, index) => (index === 0 ? wayToRoot : '..'))
    const map = [...up.reverse(), mapsFolder(project), mapPath(path)].join('/')
    return { path, text: render(template, { ...model, map }) }
  }
  const index = indexModel(project, plans)
  return [
    ...plans.views.map(plan => declared(clientPath(plan.view.name), 'view.d.ts', viewModel(plan))),
    ...plans.onDemandViews.map(plan =>
      declared(clientPath(plan.view.name), 'on-demand-view.d.ts', onDemandModel(plan)),
    ),
    ...plans.services.map(plan => declared(clientPath(plan.service.name), 'service.d.ts', serviceModel(plan, plans))),
    declared(storePath, 'store.d.ts', index),
    { path: 'index.ts', text: render('index.ts', index) },
  ]
}

function viewModel({ view, outputs }: ViewPlan) {
  return {
    ...named(view),
    provenance: view.provenance,
    entity: view.entity,
    usesJson: outputs.some(output => mentionsJson(output.type)),
    keys: view.joinKeys.map(key => ({ property: propertyName(key.name), type: typescriptType(key.type) })),
    features: outputs.map((output, index) => ({
      property: propertyName(output.name),
      doc: commentLines(output.doc),
      summary: escapeComment(describeFeature(view.features[index]!, view)),
      about: escapeComment(`${describeType(output.type)} of ${view.entity}, ${describeRefresh(view)}`),
      type: isNullable(output) ? `${typescriptType(output.type)} | null` : typescriptType(output.type),
    })),
    summary: sentence(escapeComment(describeView(view))),
  }
}

function onDemandModel({ view, retrieval: { keys, request } }: OnDemandPlan) {
  return {
    ...named(view),
    provenance: view.provenance,
    usesJson: [...request, ...view.features].some(({ type }) => mentionsJson(type)),
    keys: keys.map(key => ({ property: propertyName(key.name), type: `${typescriptType(key.type)} | null` })),
    request: request.map(({ name, type }) => ({ property: propertyName(name), type: typescriptType(type) })),
    features: view.features.map(feature => ({
      property: propertyName(feature.name),
      doc: commentLines(feature.doc),
      summary: escapeComment(describeOnDemandFeature(feature)),
      about: escapeComment(`${describeType(feature.type)}; ${describeOnDemandView(view)}`),
      type: `${typescriptType(feature.type)}${feature.default === null ? ' | null' : ''}`,
    })),
    summary: sentence(escapeComment(describeOnDemandView(view))),
  }
}

function serviceModel({ service, retrieval }: ServicePlan, plans: Plans) {
  const parts = service.views.map(listed => partModel(listed, plans))
  const imports = new Map(parts.map(({ view }) => [view.name, view]))
  return {
    ...named(service),
    provenance: service.provenance,
    hasRequest: retrieval.request.length > 0,
    views: [...imports.values()],
    listed: parts.map(({ text }) => text),
    keys: [...new Set(parts.map(({ keys }) => keys))],
    parts: parts.map(({ type }) => type),
  }
}

/** A view of a service: its types where all of it is listed by its own name, else made of them. */
function partModel({ view: name, alias, keys, features }: Listed, plans: Plans) {
  const stored = plans.views.find(plan => plan.view.name === name)
  const view = stored?.view ?? plans.onDemandViews.find(plan => plan.view.name === name)?.view
  if (!view) throw new Error(`no plan of view ${name}`)
  const { pascal } = named(view)
  const all = view.features.map(feature => feature.name)
  const same = features.length === all.length && features.every((feature, index) => feature === all[index])
  const member = (property: string, type: string, of: string) =>
    `readonly ${propertyName(property)}: ${type}[${JSON.stringify(of)}]`.replaceAll('"', "'")
  const picked = `Pick<${pascal}, ${features.map(feature => `'${feature}'`).join(' | ')}>`
  return {
    view: named(view),
    text: alias === null ? name : `${name} as ${alias}`,
    keys:
      alias === null || !stored
        ? `${pascal}Keys`
        : literalType(
            stored.view.joinKeys.map((key, index) => member(keys[index] ?? key.name, `${pascal}Keys`, key.name)),
          ),
    type:
      alias !== null
        ? literalType(features.map(feature => member(answeredName(alias, feature), pascal, feature)))
        : same
          ? pascal
          : picked,
  }
}

function literalType(members: readonly string[]): string {
  return `{\n${members.map(member => `  ${member}\n`).join('')}}`
}

function indexModel(project: string, { views, onDemandViews, services }: Plans) {
  const members = [
    ...services.map(({ service }) => ({
      ...named(service),
      summary: `Service of ${service.views.map(describeListed).join(', ')}`,
      handle: 'FeatureService',
      accessor: 'service',
    })),
    ...onDemandViews.map(({ view }) => ({
      ...named(view),
      summary: sentence(describeOnDemandView(view)),
      handle: 'OnDemandFeatureView',
      accessor: 'onDemandView',
    })),
    ...views.map(({ view }) => ({
      ...named(view),
      summary: sentence(`Of ${view.entity}; ${describeView(view)}`),
      handle: 'FeatureView',
      accessor: 'view',
    })),
  ]
  const imports = [...new Set(members.map(member => member.handle))].sort()
  return { project, pascal: pascalCase(project), members, imports }
}

function named({ name, doc }: Pick<View, 'name' | 'doc'>) {
  return { name, property: camelCase(name), pascal: pascalCase(name), doc: commentLines(doc) }
}

function commentLines(doc: string | null): string[] {
  return lines(doc).map(escapeComment)
}

function escapeComment(text: string): string {
  return text.replaceAll('*/', '*\\/')
}

function sentence(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}
