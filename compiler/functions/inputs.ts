/** What functions read of their argument, as far as it is named: that all of it is there. */
import type { ts } from 'ts-morph'
import type { OnDemandFeatureViewDefinition } from '../../dsl/index.ts'
import { viewUse } from '../catalog/view-use.ts'
import type { Module } from './module.ts'

export interface Missing {
  readonly node: ts.Node
  readonly owner: string
  readonly name: string
  readonly available: readonly string[]
}

type Names = ReadonlyMap<string, readonly string[] | null>

/** What the argument holds: names, and the names in those that are objects. */
export function argumentOf({ request, inputs }: OnDemandFeatureViewDefinition): Names {
  return new Map<string, readonly string[] | null>([
    ['request', Object.keys(request)],
    ...Object.entries(inputs).map(([name, listed]): [string, readonly string[]] => {
      const { view, picked } = viewUse(listed)
      return [name, picked ?? Object.keys(view.features)]
    }),
    ['now', null],
    ['random', null],
  ])
}

/** The names that a function reads of its argument, and that are not there. */
export function missingInputs(module: Module, parameter: ts.ParameterDeclaration, names: Names): Missing[] {
  const { ts } = module
  const scope = parameter.parent
  const missing: Missing[] = []
  /** What stands for the argument itself, then for a part of it. */
  const read = (name: ts.BindingName, part: string | null): void => {
    if (ts.isIdentifier(name)) {
      for (const use of usesOf(module, scope, name)) {
        const access = ts.isPropertyAccessExpression(use.parent) && use.parent.expression === use ? use.parent : null
        if (access) known(access, access.name, part)
      }
    } else if (ts.isObjectBindingPattern(name))
      for (const element of name.elements) {
        if (element.dotDotDotToken) continue
        const key = element.propertyName ?? element.name
        if (!ts.isIdentifier(key) || !check(key, part) || part !== null) continue
        read(element.name, key.text)
      }
  }
  const known = (access: ts.PropertyAccessExpression, name: ts.MemberName, part: string | null): void => {
    if (!ts.isIdentifier(name) || !check(name, part) || part !== null) return
    const { parent } = access
    if (ts.isPropertyAccessExpression(parent) && parent.expression === access) known(parent, parent.name, name.text)
    else if (ts.isVariableDeclaration(parent) && parent.initializer === access) read(parent.name, name.text)
  }
  const check = (key: ts.Identifier, part: string | null): boolean => {
    const available = part === null ? [...names.keys()] : names.get(part)
    if (!available || available.includes(key.text)) return true
    const owner = part === null ? 'its argument' : part === 'request' ? 'the request' : `input "${part}"`
    missing.push({ node: key, owner, name: key.text, available })
    return false
  }
  read(parameter.name, null)
  return missing
}

function usesOf(module: Module, scope: ts.Node, name: ts.Identifier): readonly ts.Identifier[] {
  const symbol = module.symbolOf(name)
  return symbol ? module.references(scope).filter(use => module.symbolOf(use) === symbol) : []
}
