/** What docstrings and declarations say of the names that the package exports. */
import { fileURLToPath } from 'node:url'
import { Node, Project, type SourceFile } from 'ts-morph'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** A name, or a member of one. */
export interface Declared {
  readonly name: string
  /** As it is declared, without a body. Overloads are lines of their own. */
  readonly signature: string
  readonly documentation: string
  /** What `@throws` says. */
  readonly throws: readonly string[]
  readonly examples: readonly string[]
  readonly members: readonly Declared[]
  /** Whether it is there when the program runs, and not in types only. */
  readonly isValue: boolean
}

export class Declarations {
  readonly #project = new Project({
    tsConfigFilePath: `${root}/tsconfig.json`,
    skipAddingFilesFromTsConfig: true,
  })

  #file(path: string): SourceFile {
    return this.#project.addSourceFileAtPath(`${root}/${path}`)
  }

  /** All that a module exports, by name. */
  exportsOf(path: string): Map<string, Declared> {
    const found = new Map<string, Declared>()
    for (const [name, nodes] of this.#file(path).getExportedDeclarations())
      if (nodes[0]) found.set(name, declared(name, nodes))
    return found
  }

  /** A declaration of a file that need not be exported. */
  named(path: string, name: string): Declared {
    const node = this.#file(path)
      .getStatements()
      .flatMap((one): Node[] => (Node.isVariableStatement(one) ? one.getDeclarations() : [one]))
      .find(one => Node.hasName(one) && one.getName() === name)
    if (!node) throw new Error(`${path} declares no "${name}"`)
    return declared(name, [node])
  }
}

function declared(name: string, nodes: readonly Node[]): Declared {
  const overloads = nodes.flatMap(node => (Node.isOverloadable(node) ? [...node.getOverloads(), node] : [node]))
  const shown = overloads.length > 1 ? overloads.filter(node => !Node.isBodyable(node) || !node.getBody()) : overloads
  const docs = overloads.map(docOf).filter(doc => doc !== null)
  return {
    name,
    signature: shown.map(signatureOf).join('\n'),
    documentation: docs.map(({ description }) => description).join('\n\n'),
    throws: docs.flatMap(({ tags }) => tags.filter(([tag]) => tag === 'throws').map(([, text]) => text)),
    examples: docs.flatMap(({ tags }) => tags.filter(([tag]) => tag === 'example').map(([, text]) => text)),
    members: nodes.flatMap(membersOf),
    isValue: nodes.some(node => !Node.isInterfaceDeclaration(node) && !Node.isTypeAliasDeclaration(node)),
  }
}

/** The comment before a declaration, also before a property of an object, in its parts. */
function docOf(node: Node): { description: string; tags: [tag: string, text: string][] } | null {
  const holder = Node.isVariableDeclaration(node) ? (node.getVariableStatement() ?? node) : node
  const comment = holder
    .getLeadingCommentRanges()
    .map(range => range.getText())
    .findLast(text => text.startsWith('/**'))
  if (comment === undefined) return null
  const text = comment
    .slice(3, -2)
    .replaceAll(/^\s*\* ?/gm, '')
    .trim()
  const [description = '', ...tags] = text.split(/^@(?=\w+)/m)
  return {
    description: description.trim(),
    tags: tags.map(tag => [/^\w+/.exec(tag)?.[0] ?? '', tag.replace(/^\w+\s*/, '').trim()]),
  }
}

function signatureOf(node: Node): string {
  if (Node.isVariableDeclaration(node)) return `const ${node.getName()}: { ... }`
  if (Node.isInterfaceDeclaration(node) || Node.isClassDeclaration(node)) {
    const text = node.getText().replace(/^export (abstract )?/, '')
    return text.slice(0, text.search(/ \{(\n|\})/)).trim()
  }
  const body = Node.isBodyable(node) ? node.getBody() : undefined
  const text = body ? node.getText().slice(0, body.getStart() - node.getStart()) : node.getText()
  // What a property of an object is, without what it does.
  const plain = Node.isPropertyAssignment(node) ? text.replace(/ => [^>]*$/, '') : text
  return plain
    .replace(/^(export |async )+/, '')
    .replace(/^get (\w+)\(\)/, '$1')
    .replace(/^(\w+): (?=[<(].*\): \w+$)/, '$1')
    .replaceAll(/\{ [^{}]* \}: (\w+) = \{\}/g, 'options?: $1')
    .replaceAll(/\{ [^{}:]* \}: (?=\w)/g, 'options: ')
    .replaceAll(/(\w+): (\w+) = \{\}/g, '$1?: $2')
    .trim()
}

/** Public members, in their order; those of one name together. */
function membersOf(node: Node): Declared[] {
  const groups = new Map<string, Node[]>()
  for (const member of memberNodes(node)) {
    if (!Node.hasName(member) || /^[#[]/.test(member.getName())) continue
    if (Node.isModifierable(member) && member.hasModifier('private')) continue
    groups.set(member.getName(), [...(groups.get(member.getName()) ?? []), member])
  }
  return [...groups].map(([name, nodes]) => declared(name, nodes))
}

function memberNodes(node: Node): Node[] {
  if (Node.isInterfaceDeclaration(node)) return node.getMembers()
  if (Node.isClassDeclaration(node)) return node.getMembers()
  const value = Node.isVariableDeclaration(node) ? node.getInitializer() : undefined
  const literal = value && Node.isAsExpression(value) ? value.getExpression() : value
  return literal && Node.isObjectLiteralExpression(literal) ? literal.getProperties() : []
}
