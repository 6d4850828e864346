/** `meridian materialize`: stores the values of materialized views. */
import { type ExitCode, exitCodes } from './exit-codes.ts'
import { materializedViews, type RunOptions, withStore } from './open.ts'
import { data, json, note, progress, table } from './terminal.ts'

export async function materializeCommand(
  views: readonly string[],
  options: RunOptions & { readonly at?: string; readonly full?: boolean },
): Promise<ExitCode> {
  await withStore(options, async (store, { local }) => {
    materializedViews(store, views)
    const bar = progress('materialize')
    try {
      const done = await store.materialize(views.length === 0 ? undefined : views, {
        ...(options.at === undefined ? {} : { at: options.at }),
        full: options.full ?? false,
        ...(bar.update ? { onProgress: bar.update } : {}),
      })
      bar.stop()
      if (options.json) data(json(done))
      else {
        const rows = done.map(({ view, tick, rows: keys, seconds }) => [
          view,
          tick.toISOString(),
          keys,
          `${seconds.toFixed(2)} s`,
        ])
        data(table(['view', 'tick', 'keys', 'time'], rows))
        if (local) note('Local mode keeps stored values in the process: they are gone when this command ends.')
      }
    } finally {
      bar.stop()
    }
  })
  return exitCodes.fine
}
