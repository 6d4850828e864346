/** What the online store holds of a key, beside what the sources say now of the tick that it was stored at. */
import type { UsePlan } from '../../compiler/plan/retrieval-plan.ts'
import type { Detailed, Store } from '../../runtime/index.ts'
import { toMicroseconds } from '../../runtime/instant.ts'
import { tickAt } from '../../runtime/schedule/tick.ts'
import { isoText } from './evidence-values.ts'

type Row = Readonly<Record<string, unknown>>

export interface StoredEvidence {
  /** The tick that the row was stored at; null: there is none for this key. */
  readonly tick: string | null
  /** The completed tick that it holds for, where that is later. */
  readonly asOf: string | null
  readonly features: readonly {
    readonly name: string
    readonly stored: unknown
    /** From the sources as they are now, at the same tick. */
    readonly computed: unknown
    readonly equal: boolean
  }[]
}

/** How often the row may be replaced while it is looked at. */
const attempts = 3

export async function storedEvidence(store: Store, { plan }: UsePlan, given: Row): Promise<StoredEvidence> {
  const { view, outputs } = plan
  const own = store.manifest.views[view.name]
  const ticks = own?.ticks
  if (!own || !ticks) throw new Error(`${view.name} has no ticks`)
  const keys = Object.fromEntries(view.joinKeys.map(({ name }, index) => [own.keys[index]?.name ?? name, given[name]]))
  const handle = store.view(view.name)
  // A run writes the rows that changed: one of an earlier tick is promised to hold at the completed one too.
  const [status] = await store.status([view.name])
  const completed = status?.tick ? toMicroseconds(status.tick) : null
  let tick = tickOf(await handle.get(keys, { status: true }), ticks)
  for (let attempt = 1; tick !== null; attempt += 1) {
    // The first instant at which the tick is online: ttl is measured against it on both sides.
    const asOf = completed !== null && completed > tick ? completed : tick
    const at = isoText(asOf + BigInt(ticks.delay))
    const details = await handle.get(keys, { status: true, at })
    const again = tickOf(details, ticks)
    if (again !== tick && attempt < attempts) {
      tick = again
      continue
    }
    const spine = [{ ...keys, event_timestamp: at }]
    const [computed] = (await handle.trainingData({ spine, accuracy: 'as_served' }).toArray()) as Row[]
    const features = outputs.map(({ name }) => {
      const [stored, now] = [details[name]?.value, computed?.[name]]
      return { name, stored, computed: now, equal: isEqual(stored, now) }
    })
    return { tick: isoText(tick), asOf: isoText(asOf), features }
  }
  return { tick: null, asOf: null, features: [] }
}

function tickOf(details: Detailed<Row>, ticks: Parameters<typeof tickAt>[0]): bigint | null {
  const tick = Object.values(details).find(detail => detail.tick !== null)?.tick
  // A date has milliseconds: of the ticks in it, the last.
  return tick ? tickAt({ ...ticks, delay: 0 }, toMicroseconds(tick) + 999n) : null
}

/** Floats are added up in whatever order rows come. */
function isEqual(one: unknown, other: unknown): boolean {
  if (typeof one === 'number' && typeof other === 'number') {
    if (Object.is(one, other) || one === other) return true
    return Math.abs(one - other) <= 1e-9 * Math.max(Math.abs(one), Math.abs(other))
  }
  return text(one) === text(other)
}

function text(value: unknown): string {
  return JSON.stringify(value, (_, part) => (typeof part === 'bigint' ? `${part}` : part)) ?? ''
}
