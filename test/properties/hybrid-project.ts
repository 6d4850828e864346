/** Random on-demand views over the views of a random project, in roles, and over each other; and a service of all. */
import type { LiteralValue, ValueType } from 'meridian'
import { featureType, type StoredView } from '../reference/index.ts'
import type { Draw } from './draw.ts'
import { Functions, helpers, type Reachable, returned } from './functions.ts'
import { moduleText, write } from './module.ts'
import { makeProject, type Project } from './project.ts'
import { constantOf } from './values.ts'

/** What a function knows under a name: features of a view, by the names that a service answers them under. */
export interface Input {
  readonly name: string
  /** TypeScript for the view in its role. */
  readonly text: string
  readonly features: readonly { readonly name: string; readonly answered: string }[]
}

export interface ComputedFeature {
  readonly name: string
  readonly type: ValueType
  readonly default: LiteralValue
  readonly body: string
}

export interface OnDemandView {
  readonly name: string
  readonly request: Readonly<Record<string, ValueType>>
  readonly inputs: readonly Input[]
  readonly features: readonly ComputedFeature[]
}

export interface HybridProject {
  readonly project: Project
  /** The argument for each join key of the entity, in the second role of its views. */
  readonly secondKeys: Readonly<Record<string, string>>
  readonly onDemand: readonly OnDemandView[]
  readonly request: Readonly<Record<string, ValueType>>
}

const requestTypes: readonly ValueType[] = [
  { type: 'float64' },
  { type: 'int32' },
  { type: 'string' },
  { type: 'decimal', precision: 10, scale: 2 },
  { type: 'int64', as: 'bigint' },
  { type: 'boolean' },
  { type: 'timestamp' },
  { type: 'list', element: { type: 'float64' } },
  { type: 'vector', dimensions: 2 },
]

export function makeHybrid(draw: Draw): HybridProject {
  const drawn = makeProject(draw)
  // What is served is then what training data have as served: a delay, or ticks of what is not stored, lie between.
  const views = drawn.views.map(view => ({
    ...view,
    delay: null,
    ...(!view.materialize && { refresh: null, offset: null }),
  }))
  const project: Project = { ...drawn, views, service: { ...drawn.service, views } }
  const secondKeys = Object.fromEntries(Object.keys(project.entity.joinKeys).map(key => [key, `second_${key}`]))
  const request = Object.fromEntries(
    draw.some(requestTypes, draw.between(1, 4)).map((type, index): [string, ValueType] => [`Ask_${index}`, type]),
  )
  const onDemand: OnDemandView[] = []
  const count = draw.between(1, 3)
  for (let index = 0; index < count; index += 1)
    onDemand.push(makeView(draw, index, { project, secondKeys, request, onDemand }))
  return { project, secondKeys, onDemand, request: Object.assign({}, ...onDemand.map(view => view.request)) }
}

function makeView(draw: Draw, index: number, { project, secondKeys, request, onDemand }: HybridProject): OnDemandView {
  const mine = Object.fromEntries(draw.some(Object.entries(request), draw.between(0, Object.keys(request).length)))
  const stored = draw.list(draw.between(0, 2), number =>
    storedInput(draw, draw.pick(project.views), secondKeys, number),
  )
  const computed = onDemand.length > 0 && draw.chance(60) ? [computedInput(draw, draw.pick(onDemand))] : []
  const inputs = [...stored, ...computed]
  const typeOf = new Map<string, Reachable>()
  for (const [name, type] of Object.entries(mine))
    typeOf.set(`request.${name}`, { text: `request.${name}`, type, nullable: false })
  for (const { input, types } of inputs)
    for (const { name } of input.features) {
      const text = `${input.name}[${JSON.stringify(name)}]`
      typeOf.set(text, { text, type: types[name] as ValueType, nullable: true })
    }
  const functions = new Functions(draw, [...typeOf.values()])
  const features = draw.list(draw.between(1, 4), (number): ComputedFeature => {
    const type = draw.pick(returned)
    const constant = draw.chance(50) ? constantOf(draw, type) : null
    return {
      name: `${draw.pick(['Made', 'made', 'select'])}_${index}_${number}`,
      type,
      default: constant,
      body: functions.body(type, constant !== null),
    }
  })
  return { name: `computed_${index}`, request: mine, inputs: inputs.map(({ input }) => input), features }
}

interface Typed {
  readonly input: Input
  readonly types: Readonly<Record<string, ValueType>>
}

function storedInput(draw: Draw, view: StoredView, secondKeys: HybridProject['secondKeys'], number: number): Typed {
  const names = Object.keys(view.features)
  const picked = draw.chance(40) ? draw.some(names, draw.between(1, names.length)) : null
  const second = draw.chance(40)
  const use = { kind: 'view_use', view, alias: second ? 'second' : null, joinKeys: second ? secondKeys : {}, picked }
  const text = picked === null && !second ? view.name : write(use, new Map([[view, view.name]]))
  const features = (picked ?? names).map(name => ({ name, answered: second ? `second_${name}` : name }))
  return {
    input: { name: `in${number}`, text, features },
    types: Object.fromEntries(names.map(name => [name, featureType(view, name)])),
  }
}

function computedInput(draw: Draw, view: OnDemandView): Typed {
  const features = draw.some(view.features, draw.between(1, view.features.length))
  const names = features.map(({ name }) => name)
  return {
    input: {
      name: 'computed',
      text: `${view.name}.pick(${names.map(name => JSON.stringify(name)).join(', ')})`,
      features: names.map(name => ({ name, answered: name })),
    },
    types: Object.fromEntries(features.map(({ name, type }) => [name, type])),
  }
}

/** As a module that exports its definitions. */
export function hybridText({ project, secondKeys, onDemand }: HybridProject): string {
  const named = new Map<unknown, string>(project.views.map(view => [view, view.name]))
  const second = (view: StoredView) =>
    write({ kind: 'view_use', view, alias: 'second', joinKeys: secondKeys, picked: null }, named)
  const all = [...project.views.flatMap(view => [view.name, second(view)]), ...onDemand.map(({ name }) => name)]
  return `import { featureService, onDemandFeatureView } from 'meridian'
${helpers(': number')}
${moduleText(project)}
${onDemand.map(onDemandText).join('\n')}
export const hybrid = featureService('hybrid', [${all.join(', ')}] as never)
`
}

function onDemandText({ name, request, inputs, features }: OnDemandView): string {
  const computed = features.map(feature => {
    const otherwise = feature.default === null ? '' : `.default(${write(feature.default)} as never)`
    return `    ${feature.name}: feature(${write(feature.type)}, ${functionText({ request, inputs }, feature, ': any')} as any)${otherwise},`
  })
  return `export const ${name} = onDemandFeatureView('${name}', {
  request: ${write(request)},
  inputs: { ${inputs.map(input => `${input.name}: ${input.text} as any`).join(', ')} } as any,
  features: ({ feature }) => ({
${computed.join('\n')}
  }),
})
`
}

/** With `types`, as TypeScript. */
export function functionText(
  { inputs }: Pick<OnDemandView, 'request' | 'inputs'>,
  { body }: ComputedFeature,
  types = '',
): string {
  const argument = ['request', 'now', 'random', ...inputs.map(({ name }) => name)].join(', ')
  return `({ ${argument} }${types}) => (${types === '' ? body.replaceAll(' as never', '') : body})`
}
