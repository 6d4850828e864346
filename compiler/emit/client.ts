/** The typed client: one module for each view and service, and the index that connects. */
import type { View } from '../catalog/catalog.ts'
import { describeFeature, describeView } from '../catalog/describe.ts'
import { camelCase, pascalCase, propertyName } from '../catalog/names.ts'
import type { ServicePlan } from '../plan/service-plan.ts'
import { isNullable, type ViewPlan } from '../plan/view-plan.ts'
import type { Artefact } from './artefact.ts'
import { lines, templates } from './render.ts'
import { mentionsJson, typescriptType } from './typescript-type.ts'

const render = templates(new URL('./templates/', import.meta.url))

export function emitClient(project: string, views: readonly ViewPlan[], services: readonly ServicePlan[]): Artefact[] {
  return [
    ...views.map(plan => ({ path: `client/${plan.view.name}.ts`, text: render('view.ts', viewModel(plan)) })),
    ...services.map(plan => ({
      path: `client/${plan.service.name}.ts`,
      text: render('service.ts', serviceModel(plan)),
    })),
    { path: 'index.ts', text: render('index.ts', indexModel(project, views, services)) },
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
      type: isNullable(output) ? `${typescriptType(output.type)} | null` : typescriptType(output.type),
    })),
    summary: sentence(escapeComment(describeView(view))),
  }
}

function serviceModel({ service, views }: ServicePlan) {
  return { ...named(service), provenance: service.provenance, views: views.map(plan => named(plan.view)) }
}

function indexModel(project: string, views: readonly ViewPlan[], services: readonly ServicePlan[]) {
  const members = [
    ...services.map(({ service, views: parts }) => ({
      ...named(service),
      summary: `Service of ${parts.map(plan => plan.view.name).join(', ')}`,
      handle: 'FeatureService',
      accessor: 'service',
    })),
    ...views.map(({ view }) => ({
      ...named(view),
      summary: sentence(describeView(view)),
      handle: 'FeatureView',
      accessor: 'view',
    })),
  ]
  return { project, pascal: pascalCase(project), members, imports: [...new Set(members.map(member => member.handle))] }
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
