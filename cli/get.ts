/** `meridian get`: the features of one key. */
import type { Field } from '../runtime/contract.ts'
import { CommandError, type ExitCode, exitCodes } from './exit-codes.ts'
import { nearest } from './nearest.ts'
import { handleOf, type RunOptions, withStore } from './open.ts'
import { data, json, note, plural } from './terminal.ts'

export interface GetCommandOptions extends RunOptions {
  readonly at?: string
  readonly status?: boolean
}

export async function getCommand(name: string, keys: readonly string[], options: GetCommandOptions): Promise<ExitCode> {
  await withStore(options, async (store, { local }) => {
    const { handle, keys: fields, views } = handleOf(store, name)
    const request = parseKeys(keys, fields)
    const at = options.at === undefined ? {} : { at: options.at }
    const stored = views.filter(view => store.manifest.views[view]?.materialize)
    if (local && stored.length > 0) {
      // Nothing is stored between commands, so what would be served is stored first.
      await store.materialize(stored, at)
      note(`Local mode: stored ${plural(stored.length, 'view')} as of ${options.at ?? 'now'} for this read.`)
    }
    const answer = options.status ? await handle.get(request, { ...at, status: true }) : await handle.get(request, at)
    data(json(answer, options.json ? undefined : 2))
  })
  return exitCodes.fine
}

function parseKeys(parts: readonly string[], fields: readonly Field[]): Record<string, unknown> {
  const request: Record<string, unknown> = {}
  for (const part of parts) {
    const split = part.indexOf('=')
    const key = split < 0 ? part : part.slice(0, split)
    const field = fields.find(candidate => candidate.name === key)
    if (split < 0) throw new CommandError(exitCodes.invocation, `"${part}" is no key=value`)
    if (!field)
      throw new CommandError(
        exitCodes.invocation,
        `there is no join key "${key}"${nearest(
          key,
          fields.map(({ name }) => name),
        )}`,
      )
    request[key] = parseValue(part.slice(split + 1), field)
  }
  // Told before anything is stored for the read.
  const missing = fields.filter(({ name }) => !Object.hasOwn(request, name)).map(({ name }) => `"${name}" is missing`)
  if (missing.length > 0) throw new CommandError(exitCodes.invocation, `give every join key: ${missing.join('; ')}`)
  return request
}

function parseValue(text: string, { name, type }: Field): unknown {
  switch (type.type) {
    case 'string':
      return text
    case 'boolean':
      if (text === 'true' || text === 'false') return text === 'true'
      break
    case 'int32':
      if (isInteger(text, 32)) return Number(text)
      break
    case 'int64':
      if (isInteger(text, 64)) return BigInt(text)
      break
  }
  throw new CommandError(exitCodes.invocation, `${name}=${text} is no ${type.type}`)
}

function isInteger(text: string, bits: number): boolean {
  return /^-?\d+$/.test(text) && BigInt.asIntN(bits, BigInt(text)) === BigInt(text)
}
