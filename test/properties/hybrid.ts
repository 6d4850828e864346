/** What functions answer online and in training data, compared with the same functions run by themselves. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { ValueType } from 'meridian'
import { build } from 'meridian/compiler'
import type { Store } from 'meridian/runtime'
import type { Literal, SourceRow } from '../reference/index.ts'
import type { DataSet } from './data.ts'
import type { Draw } from './draw.ts'
import { exact } from './exact.ts'
import { helpers } from './functions.ts'
import {
  type ComputedFeature,
  functionText,
  type HybridProject,
  hybridText,
  type OnDemandView,
} from './hybrid-project.ts'
import { localMode } from './local.ts'
import type { Mode } from './mode.ts'
import { type Disagreement, isoText } from './pipe.ts'
import { productionMode } from './production.ts'
import { value } from './values.ts'

type Row = Readonly<Record<string, unknown>>
type Evaluate = (given: Row) => unknown

const openMode = { local: localMode, production: productionMode } as const
const modeNames = (process.env.MERIDIAN_MODES ?? 'local,production').split(',') as (keyof typeof openMode)[]

export class Hybrid {
  readonly #hybrid: HybridProject
  readonly #folder: string
  readonly #modes: readonly Mode[]
  readonly #functions: ReadonlyMap<ComputedFeature, Evaluate>
  /** Values that were compared; of them, those that were the same both ways; defaults; and data whose sums overflow. */
  readonly seen = { values: 0, both: 0, defaults: 0, overflows: 0, cases: 0 }

  private constructor(hybrid: HybridProject, folder: string, modes: readonly Mode[]) {
    this.#hybrid = hybrid
    this.#folder = folder
    this.#modes = modes
    this.#functions = new Map(
      hybrid.onDemand.flatMap(view =>
        view.features.map((feature): [ComputedFeature, Evaluate] => [feature, evaluator(view, feature)]),
      ),
    )
  }

  /** @throws where the build has a diagnostic: the projects have no mistakes. */
  static async build(hybrid: HybridProject, folder: string): Promise<Hybrid> {
    const text = hybridText(hybrid)
    await writeFile(join(folder, 'features.ts'), text)
    const { diagnostics } = await build({
      root: folder,
      definitions: 'features.ts',
      output: 'generated',
      name: 'random',
    })
    if (diagnostics.length > 0)
      throw new Error(`${diagnostics.map(({ code, message }) => `${code}: ${message}`).join('\n')}\n${text}`)
    const modes = await Promise.all(modeNames.map(name => openMode[name](folder)))
    for (const mode of modes) await mode.createTables(hybrid.project)
    return new Hybrid(hybrid, folder, modes)
  }

  async close(): Promise<void> {
    for (const mode of this.#modes) await mode.close()
  }

  async disagreement(data: HybridData): Promise<Disagreement | null> {
    for (const mode of this.#modes) {
      const found = await this.#disagreementIn(mode, data)
      if (found) return { ...found, where: `${mode.name}: ${found.where}` }
    }
    return null
  }

  async #disagreementIn(mode: Mode, data: HybridData): Promise<Disagreement | null> {
    await mode.replaceRows(this.#hybrid.project, data.rows)
    const store = await mode.connect(pathToFileURL(`${join(this.#folder, 'generated')}/`))
    this.seen.cases += 1
    try {
      const { requests, at } = asked(this.#hybrid, data)
      await store.materialize(undefined, { at: isoText(at) })
      const online = (await store.service('hybrid').getMany(requests, { at: isoText(at) })) as Row[]
      const offline = await this.#trainingData(store, requests, at)
      for (const [index, request] of requests.entries()) {
        const [answer, row] = [online[index] as Row, offline[index] as Row]
        const found =
          this.#compared('getter', request, at, answer) ??
          this.#compared('training data', request, at, row) ??
          this.#bothWays(request, answer, row)
        if (found) return found
      }
      return null
    } catch (error) {
      // Sums that overflow have no value, whoever reads it.
      if (/overflow|out of range/i.test(String(error))) {
        this.seen.overflows += 1
        return null
      }
      return { where: 'error', what: String(error), expected: 'no error', actual: (error as Error).stack ?? '' }
    } finally {
      await store.close()
    }
  }

  #trainingData(store: Store, requests: readonly Row[], at: bigint): Promise<Row[]> {
    const spine = requests.map(request => ({ ...request, event_timestamp: isoText(at) }))
    return store.service('hybrid').trainingData({ spine, accuracy: 'as_served' }).toArray()
  }

  /** Each feature against its function, run here on the inputs that were answered beside it. */
  #compared(where: string, request: Row, at: bigint, answer: Row): Disagreement | null {
    for (const view of this.#hybrid.onDemand)
      for (const feature of view.features) {
        if (feature.body.includes('random()')) continue
        const expected = exact(this.#evaluated(view, feature, request, at, answer))
        const actual = exact(answer[feature.name])
        this.seen.values += 1
        if (actual !== expected) return { where, what: `${feature.name} of ${exact(request)}`, expected, actual }
      }
    return null
  }

  #evaluated(view: OnDemandView, feature: ComputedFeature, request: Row, at: bigint, answer: Row): unknown {
    const given = {
      request,
      now: new Date(Number((at - (((at % 1000n) + 1000n) % 1000n)) / 1000n)),
      ...inputsOf(view, answer),
    }
    const otherwise = inJavaScript(feature.default as Literal, feature.type)
    let value: unknown
    try {
      value = (this.#functions.get(feature) as Evaluate)(given)
    } catch {
      value = null
    }
    if (typeof value === 'string' && feature.type.type !== 'string' && feature.type.type !== 'decimal') value = null
    if (value === 'not of the type') value = feature.type.type === 'string' ? value : null
    if (value === null || value === undefined) this.seen.defaults += 1
    return value === null || value === undefined ? otherwise : asKept(value, feature.type)
  }

  /** Where the inputs are the same, to the bit, so is what functions make of them: chance as well. */
  #bothWays(request: Row, online: Row, offline: Row): Disagreement | null {
    for (const view of this.#hybrid.onDemand) {
      if (exact(inputsOf(view, online)) !== exact(inputsOf(view, offline))) continue
      for (const { name } of view.features) {
        this.seen.both += 1
        const [expected, actual] = [exact(online[name]), exact(offline[name])]
        if (actual !== expected)
          return { where: 'online and offline', what: `${name} of ${exact(request)}`, expected, actual }
      }
    }
    return null
  }
}

function inputsOf({ inputs }: OnDemandView, answer: Row): Row {
  const of = inputs.map(({ name, features }) => [
    name,
    Object.fromEntries(features.map(feature => [feature.name, answer[feature.answered]])),
  ])
  return Object.fromEntries(of)
}

function evaluator(view: OnDemandView, feature: ComputedFeature): Evaluate {
  return new Function(`${helpers('')}; return ${functionText(view, feature)}`)() as Evaluate
}

/** As engines keep it: integers and decimals have no negative zero. */
function asKept(value: unknown, type: ValueType): unknown {
  if (type.type === 'int32' || type.type === 'int64') return typeof value === 'number' ? value + 0 : value
  if (type.type === 'decimal') return /[1-9]/.test(String(value)) ? value : String(value).replace('-', '')
  return type.type === 'json' ? JSON.parse(JSON.stringify(value)) : value
}

export interface HybridData extends DataSet {
  /** The keys of the second role, and the request data, of each row of the spine. */
  readonly asked: readonly { readonly second: SourceRow; readonly request: Readonly<Record<string, Literal>> }[]
}

export function withRequests(draw: Draw, hybrid: HybridProject, data: DataSet): HybridData {
  const request = () =>
    Object.fromEntries(Object.entries(hybrid.request).map(([name, type]) => [name, value(draw, type)]))
  const second = () => draw.pick(data.spine).key
  return { ...data, asked: data.spine.map(() => ({ second: second(), request: request() })) }
}

/** All at one instant, the last that the data have. */
function asked({ project, secondKeys, request }: HybridProject, data: HybridData): { requests: Row[]; at: bigint } {
  const keyTypes = Object.entries(project.entity.joinKeys)
  const requests = data.spine.map(({ key }, index): Row => {
    const more = data.asked[index]
    return Object.fromEntries([
      ...keyTypes.map(([name, type]) => [name, inJavaScript(key[name] ?? null, type)]),
      ...keyTypes.map(([name, type]) => [secondKeys[name], inJavaScript(more?.second[name] ?? null, type)]),
      ...Object.entries(request).map(([name, type]) => [name, inJavaScript(more?.request[name] ?? null, type)]),
    ])
  })
  return { requests, at: data.moments.at(-1) as bigint }
}

/** A value of the reference as applications have it. */
function inJavaScript(value: Literal | Date, type: ValueType): unknown {
  if (value === null || value instanceof Date) return value
  switch (type.type) {
    case 'int64':
      return type.as === 'number' ? Number(value) : BigInt(value as bigint)
    case 'timestamp':
      return new Date(Math.floor(Number(value) / 1000))
    case 'list':
      return (value as Literal[]).map(item => inJavaScript(item, type.element))
    case 'vector':
      return Float32Array.from(value as number[])
    default:
      return value
  }
}
