import type { EntityDefinition } from '../../dsl/index.ts'
import { checkColumnName, folded } from './names.ts'
import type { Subject } from './subject.ts'
import { typeText } from './type-text.ts'

const keyTypes = ['boolean', 'int32', 'int64', 'string']

export function checkEntity(subject: Subject<EntityDefinition>): void {
  const { name: entity, joinKeys } = subject.definition
  const names = Object.keys(joinKeys)
  if (names.length === 0) subject.report('definition.empty', { kind: 'entity', name: entity }, ['joinKeys'])
  for (const [index, joinKey] of names.entries()) {
    const path = ['joinKeys', joinKey]
    const type = joinKeys[joinKey]!
    checkColumnName(subject, 'join key', joinKey, path)
    const other = names.slice(0, index).find(name => folded(name) === folded(joinKey))
    if (other !== undefined) {
      const what = 'join key'
      subject.report('name.duplicate', { what, name: joinKey, other: { what, name: other } }, path)
    }
    if (!keyTypes.includes(type.type)) {
      const problem = { kind: 'not-a-key-type', actual: typeText(type) } as const
      subject.report('type.join-key', { joinKey, entity, problem }, path)
    }
  }
}
