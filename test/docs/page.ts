/**
 * The fenced blocks of a page of documentation. What a block is stands in its first line, where a reader of the source sees it:
 *
 * - `file=features.ts`: it is that file of the page's project, together with all other blocks of that name, in their order.
 * - `exit=6`: its commands end with that exit code.
 * - `no-run="reason"`: it is not run, and why.
 * - `checked-by=test/production.test.ts`: another test runs it.
 *
 * A comment `<!-- with ... -->` before a block of TypeScript holds what it is compiled with and does not show.
 */
export interface Block {
  readonly page: string
  /** Of the first line of its text, from 1. */
  readonly line: number
  /** The first word after the fence, or ''. */
  readonly language: string
  readonly attributes: ReadonlyMap<string, string>
  readonly text: string
  /** What the comment before it says after `with`, or ''. */
  readonly hidden: string
}

const attributeNames = new Set(['file', 'exit', 'no-run', 'checked-by'])

/** @throws Error at a fence that is not closed, and at an attribute that there is not. */
export function blocksOf(page: string, markdown: string): Block[] {
  const lines = markdown.split('\n')
  const blocks: Block[] = []
  let hidden = ''
  for (let index = 0; index < lines.length; index += 1) {
    const line = lines[index] as string
    if (line === '<!-- with') {
      const end = lines.indexOf('-->', index)
      hidden = lines.slice(index + 1, end).join('\n')
      index = end
      continue
    }
    const fence = /^( *)(`{3,})(.*)$/.exec(line)
    if (!fence) {
      if (line.trim() !== '') hidden = ''
      continue
    }
    const [, indent = '', ticks = '', info = ''] = fence
    const end = lines.findIndex((text, at) => at > index && text === indent + ticks)
    if (end < 0) throw new Error(`${page}:${index + 1}: a fence is not closed`)
    const text = lines.slice(index + 1, end).map(one => one.slice(indent.length))
    const [language = ''] = info.split(' ')
    const attributes = attributesOf(info.slice(language.length), `${page}:${index + 1}`)
    blocks.push({ page, line: index + 2, language, attributes, text: text.map(one => `${one}\n`).join(''), hidden })
    hidden = ''
    index = end
  }
  return blocks
}

function attributesOf(info: string, where: string): Map<string, string> {
  const attributes = new Map<string, string>()
  for (const [, name = '', quoted, bare = ''] of info.matchAll(/(\S+?)=(?:"([^"]*)"|(\S+))/g)) {
    if (!attributeNames.has(name)) throw new Error(`${where}: a block has no attribute "${name}"`)
    attributes.set(name, quoted ?? bare)
  }
  return attributes
}

/** The text of a file of a page's project, with the page's line of each of its lines; 0 for what does not show. */
export interface PageFile {
  readonly path: string
  readonly text: string
  readonly lines: readonly number[]
}

/** The files of a page. TypeScript without a name is a file of its own, which is compiled and not run. */
export function filesOf(blocks: readonly Block[]): PageFile[] {
  const files = new Map<string, { text: string; lines: number[] }>()
  for (const { language, attributes, text, hidden, line } of blocks) {
    const isFragment = language === 'ts' && !attributes.has('checked-by')
    const path = attributes.get('file') ?? (isFragment ? `line-${line}.ts` : null)
    if (path === null) continue
    const file = files.get(path) ?? { text: '', lines: [] }
    const before = hidden === '' ? [] : hidden.split('\n')
    file.text += [...before, text].join('\n')
    file.lines.push(
      ...before.map(() => 0),
      ...text
        .split('\n')
        .slice(1)
        .map((_, index) => line + index),
    )
    files.set(path, file)
  }
  return [...files].map(([path, file]) => ({ path, ...file }))
}
