/** What is stored after runs that compute what can have changed, compared with what a run over all keys stores. */
import { Buffer } from 'node:buffer'
import { join } from 'node:path'
import { Artefacts } from '../../runtime/artefacts.ts'
import { materializeView } from '../../runtime/materialize.ts'
import type { OfflineEngine } from '../../runtime/offline/engine.ts'
import { MemoryStore } from '../../runtime/online/memory.ts'
import { readHeader } from '../../runtime/online/row.ts'
import type { StoredRow } from '../../runtime/online/store.ts'
import { ViewRuntime } from '../../runtime/view-runtime.ts'
import { buildProject } from './built.ts'
import { close, text } from './compare.ts'
import type { DataSet } from './data.ts'
import { localMode } from './local.ts'
import type { Mode } from './mode.ts'
import type { Disagreement } from './pipe.ts'
import { productionMode } from './production.ts'
import type { Project } from './project.ts'
import type { Comparison } from './shrink.ts'

/** An online store that can be asked which keys it was given. */
class ListedStore extends MemoryStore {
  readonly keys = new Set<string>()

  override write(rows: readonly StoredRow[], signal?: AbortSignal): Promise<number> {
    for (const { key } of rows) this.keys.add(key)
    return super.write(rows, signal)
  }
}

export class IncrementalRuns implements Comparison {
  readonly #project: Project
  readonly #folder: string
  readonly #artefacts: Artefacts
  readonly #modes: readonly Mode[]
  /** Runs that left keys out, and keys they left out: a property of runs over all keys would show nothing. */
  readonly seen = { runs: 0, left: 0 }

  private constructor(project: Project, folder: string, artefacts: Artefacts, modes: readonly Mode[]) {
    this.#project = project
    this.#folder = folder
    this.#artefacts = artefacts
    this.#modes = modes
  }

  static async build(project: Project, folder: string): Promise<IncrementalRuns> {
    await buildProject(project, folder)
    const artefacts = await Artefacts.open(join(folder, 'generated'))
    const modes = [await localMode(folder), await productionMode()]
    for (const mode of modes) await mode.createTables(project)
    return new IncrementalRuns(project, folder, artefacts, modes)
  }

  async close(): Promise<void> {
    for (const mode of this.#modes) await mode.close()
  }

  async disagreement(data: DataSet): Promise<Disagreement | null> {
    for (const mode of this.#modes) {
      await mode.replaceRows(this.#project, data.rows)
      const engine = await mode.engine(this.#folder)
      try {
        for (const view of Object.values(this.#artefacts.manifest.views)) {
          if (!view.materialize) continue
          const found = await this.#disagreementOf(engine, new ViewRuntime(view, this.#artefacts), momentsOf(data))
          if (found) return { ...found, where: `${mode.name}: ${view.name} ${found.where}` }
        }
      } finally {
        await engine.close()
      }
    }
    return null
  }

  async #disagreementOf(
    engine: OfflineEngine,
    view: ViewRuntime,
    moments: readonly bigint[],
  ): Promise<Disagreement | null> {
    const artefacts = this.#artefacts
    const now = () => new Date(0)
    const kept = new ListedStore()
    for (const moment of moments) {
      const fresh = new ListedStore()
      try {
        await materializeView({ artefacts, engine, online: fresh, now }, view, moment)
      } catch {
        // An overflow: there is nothing to compare with.
        return null
      }
      const what = `after a run at ${moment}`
      try {
        const { full, rows } = await materializeView({ artefacts, engine, online: kept, now }, view, moment)
        if (!full) {
          this.seen.runs += 1
          this.seen.left += fresh.keys.size - rows
        }
      } catch (error) {
        return { where: 'run', what, expected: 'no error', actual: (error as Error).stack ?? '' }
      }
      const keys = [...new Set([...kept.keys, ...fresh.keys])].sort()
      const [actual, expected] = [await kept.read(keys), await fresh.read(keys)]
      for (const [index, key] of keys.entries()) {
        const [left, right] = [actual[index] ?? null, expected[index] ?? null]
        if (sameRow(view, left, right)) continue
        const shown = (row: Uint8Array | null) => row && text([Object.values(readHeader(row)), ...valuesOf(view, row)])
        return { where: 'stored', what: `${key} ${what}`, expected: String(shown(right)), actual: String(shown(left)) }
      }
    }
    return null
  }
}

const valuesOf = (view: ViewRuntime, row: Uint8Array) => view.codec.decode(Buffer.from(row))

/** The same bytes but for the tick; a sum of floats may be rounded differently, which engines add in another order. */
function sameRow(view: ViewRuntime, left: Uint8Array | null, right: Uint8Array | null): boolean {
  if (left === null || right === null) return left === right
  const afterTick = (row: Uint8Array) => Buffer.from(row).subarray(8)
  if (afterTick(left).equals(afterTick(right))) return true
  if (!afterTick(left).subarray(0, 16).equals(afterTick(right).subarray(0, 16))) return false
  const [found, wanted] = [valuesOf(view, left), valuesOf(view, right)]
  return view.manifest.layout.fields.every(({ type }, index) => {
    const [a, b] = [found[index], wanted[index]]
    if (type.type === 'float64' && typeof a === 'number' && typeof b === 'number') return close(a, b)
    return text(a) === text(b)
  })
}

/** Ascending, each once: those to materialize at, and some later ones at which values leave windows. */
function momentsOf({ moments, reads }: DataSet): bigint[] {
  const all = new Set([...moments, ...reads.map(({ at }) => at)])
  return [...all].sort((a, b) => (a < b ? -1 : 1)).slice(0, 4)
}
