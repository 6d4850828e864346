/** What callers of the client must change. */
import type { Breaking } from './change.ts'
import { describeExactly } from './features.ts'
import { type Answer, type Handle, narrowed, words } from './handle.ts'

/** From the handles and features before to those now. */
export interface Successors {
  readonly handle: (before: Handle) => Handle | undefined
  /** The same feature under its present names. */
  readonly feature: (before: Answer) => { readonly of: string; readonly feature: string }
}

/** The same break of several handles is said once, with all of them. */
export function breaksOf(before: readonly Handle[], successors: Successors): Breaking[] {
  const found = new Map<string, Breaking>()
  for (const old of before) {
    const of = `${words[old.kind]} ${successors.handle(old)?.name ?? old.name}`
    for (const { code, message } of breaksOfHandle(old, successors)) {
      const known = found.get(message)
      found.set(message, { code, message, of: known ? [...known.of, of] : [of] })
    }
  }
  return [...found.values()]
}

type Break = Omit<Breaking, 'of'>

function breaksOfHandle(before: Handle, successors: Successors): Break[] {
  const after = successors.handle(before)
  if (!after) return [{ code: 'handle-removed', message: `store.${before.property} is gone` }]
  const breaks: Break[] = []
  if (before.property !== after.property)
    breaks.push({ code: 'handle-renamed', message: `store.${before.property} is store.${after.property} now` })
  for (const { name, type } of before.arguments) {
    const same = after.arguments.find(argument => argument.name === name)
    if (!same) breaks.push({ code: 'argument-removed', message: `argument "${name}" is gone` })
    else if (describeExactly(same.type) !== describeExactly(type))
      breaks.push({
        code: 'argument-type',
        message: `argument "${name}" is ${describeExactly(same.type)}, was ${describeExactly(type)}`,
      })
  }
  for (const { name } of after.arguments)
    if (before.arguments.every(argument => argument.name !== name))
      breaks.push({ code: 'argument-added', message: `argument "${name}" is asked for` })
  for (const answer of before.answers) breaks.push(...breaksOfAnswer(answer, after, successors))
  return breaks
}

function breaksOfAnswer(before: Answer, { answers }: Handle, successors: Successors): Break[] {
  const same = answers.find(({ name }) => name === before.name)
  if (!same) {
    const { of, feature } = successors.feature(before)
    const renamed = answers.find(answer => answer.of === of && answer.feature === feature)
    return renamed
      ? [{ code: 'feature-renamed', message: `feature "${before.name}" is "${renamed.name}" now` }]
      : [{ code: 'feature-removed', message: `feature "${before.name}" is gone` }]
  }
  const breaks: Break[] = []
  const problem = narrowed(before.type, same.type)
  if (problem !== null) {
    const change = `feature "${before.name}" is ${describeExactly(same.type)}, was ${describeExactly(before.type)}`
    breaks.push({ code: 'feature-type', message: problem === 'narrower' ? `${change}: it holds less` : change })
  }
  if (same.nullable && !before.nullable)
    breaks.push({ code: 'feature-null', message: `feature "${before.name}" can be null now` })
  return breaks
}
