/** The key schema of a materialized view, as a table for people; the manifest holds the same for machines. */
import type { ValueType } from '../../dsl/index.ts'
import { describeType, describeView } from '../catalog/describe.ts'
import { formatDuration } from '../catalog/format-duration.ts'
import type { ViewPlan } from '../plan/view-plan.ts'
import type { Artefact } from './artefact.ts'
import { layoutFingerprint } from './layout.ts'
import { templates } from './render.ts'

const render = templates(new URL('./templates/', import.meta.url))

export function emitKeySchema(plan: ViewPlan): Artefact {
  const { view } = plan
  const fingerprint = layoutFingerprint(plan)
  const key = (parts: readonly string[]) => `{${[view.entity, ...parts].join(':')}}:${view.name}:${fingerprint}`
  const model = {
    name: view.name,
    entity: view.entity,
    summary: describeView(view),
    pattern: key(view.joinKeys.map(({ name }) => `<${name}>`)),
    example: key(view.joinKeys.map(({ type }) => exampleKey(type))),
    fingerprint,
    expiry:
      view.ttl === null ? 'none' : `a feature with a ttl reads as expired ${formatDuration(view.ttl)} after its event`,
    fields: plan.fields.map((field, index) => ({
      number: index + 1,
      name: field.name,
      type: describeType(field.type),
      bytes: storedBytes(field.type),
    })),
  }
  return { path: `redis/${view.name}.md`, text: render('key-schema.md', model) }
}

function exampleKey(type: ValueType): string {
  return type.type === 'string' ? 'abc' : type.type === 'boolean' ? 'true' : '42'
}

function storedBytes(type: ValueType): string {
  switch (type.type) {
    case 'boolean':
      return '1 bit'
    case 'int32':
    case 'int64':
    case 'float64':
    case 'timestamp':
      return '8'
    case 'vector':
      return String(4 * type.dimensions)
    case 'decimal':
    case 'string':
    case 'bytes':
    case 'json':
    case 'list':
      return '4 + length'
    default:
      return type satisfies never
  }
}
