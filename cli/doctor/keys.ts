/** What is stored, against what this build reads: completed ticks, failures, and keys of other builds. */
import type { Manifest } from '../../runtime/contract.ts'
import { connectStatus, type ViewStatus } from '../../runtime/index.ts'
import { countLayouts } from '../../runtime/online/redis-count.ts'
import { plural } from '../terminal.ts'
import { type Finding, ok, problem, warning } from './finding.ts'

/** Milliseconds. */
const patience = { readTimeout: 5_000, writeTimeout: 5_000, connectTimeout: 5_000 }

/** @throws MeridianError as `connectStatus` does */
export async function examineTicks(
  folder: string,
  url: string,
  tell: (...findings: readonly Finding[]) => void,
): Promise<void> {
  const status = await connectStatus(folder, { ...patience, url })
  try {
    const statuses = await status.read()
    const findings = statuses.flatMap(statusFindings)
    if (findings.length === 0) findings.push(ok('keys.ticks', told(statuses)))
    tell(...findings)
  } finally {
    await status.close()
  }
}

function told(statuses: readonly ViewStatus[]): string {
  if (statuses.length === 0) return 'no view is materialized'
  const held = statuses.filter(({ holder }) => holder).length
  return `${plural(statuses.length, 'view')} stored${held > 0 ? `, ${held} in the hands of a worker` : ''}`
}

function statusFindings({ view, state, stale, tick, freshness, lag, failure, holder }: ViewStatus): Finding[] {
  if (failure) {
    const what = `its last ${failure.attempt > 1 ? `${failure.attempt} runs` : 'run'} failed: ${failure.error}`
    const fix = 'mend what the message says; workers try again by themselves (meridian status)'
    return [warning('keys.ticks', { what, place: view, fix })]
  }
  if (tick === null) {
    const what = `no tick of this layout was completed, so that every read finds nothing${holder ? `; ${holder.worker} is at it` : ''}`
    return [warning('keys.ticks', { what, place: view, fix: `meridian materialize ${view}, or start meridian worker` })]
  }
  if (!stale) return []
  const what = `its values are ${Math.round(lag ?? 0)} s old, and may be ${freshness} s old (${state})`
  const fix = holder ? `look at ${holder.worker}, which holds its lock` : 'start meridian worker, or more of them'
  return [problem('keys.ticks', { what, place: view, fix })]
}

/** Looks at every key. @throws MeridianError `store.unavailable`, `store.timeout`, `store.refused` */
export async function examineKeys(
  manifest: Manifest,
  url: string,
  tell: (...findings: readonly Finding[]) => void,
): Promise<void> {
  const counts = await countLayouts(url, new Set(Object.keys(manifest.views)))
  for (const [view, layouts] of counts) {
    const own = manifest.views[view]
    for (const [layout, rows] of layouts) {
      const place = `${view}:${layout}`
      if (own?.materialize && own.layout.fingerprint === layout) {
        tell(ok('keys.layouts', plural(rows, 'row'), place))
        continue
      }
      const what = `${plural(rows, 'row')} of a layout that this build neither reads nor writes`
      const fix =
        'nothing while an older build is still served; they expire by themselves after the view’s horizon, unless it has none: then UNLINK them'
      tell(warning('keys.layouts', { what, place, fix }))
    }
  }
  if (counts.size === 0) tell(ok('keys.layouts', 'no row is stored'))
}
