/** `meridian get`: the features of one key. */
import { parseArguments } from './arguments.ts'
import { type ExitCode, exitCodes } from './exit-codes.ts'
import { handleOf, type RunOptions, withStore } from './open.ts'
import { data, json, note, plural } from './terminal.ts'

export interface GetCommandOptions extends RunOptions {
  readonly at?: string
  readonly status?: boolean
}

export async function getCommand(name: string, keys: readonly string[], options: GetCommandOptions): Promise<ExitCode> {
  await withStore(options, async (store, { local }) => {
    const { handle, keys: fields, request: requested, views } = handleOf(store, name)
    const request = parseArguments(keys, fields, requested)
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
