/**
 * What applies an on-demand view's functions to rows: a loop without lookups of names, which a loop by hand would not beat.
 * One that takes names and functions from lists is three times as slow.
 */
import type { OnDemandViewManifest } from '../../runtime/contract.ts'
import { templates } from './render.ts'

const render = templates(new URL('./templates/', import.meta.url))

type View = Pick<OnDemandViewManifest, 'name' | 'requested' | 'inputs' | 'onDemand'> & {
  readonly features: readonly { readonly name: string }[]
}

/** The text of a function expression. `functionOf`: what a feature's function is called where that stands. */
export function onDemandRows(view: View, functionOf: (feature: string) => string): string {
  let column = 0
  const property = (name: string) => `${name}: c${column++}[row]`
  // In this order the runtime hands the columns in.
  const request = view.requested.map(({ name }) => property(name))
  const inputs = Object.keys(view.inputs)
    .sort()
    .map(name => {
      const features = view.inputs[name] ?? []
      const object = `{ ${features.map(feature => property(feature.name)).join(', ')} }`
      const mayHaveFailed = features.some(({ of }) => view.onDemand.includes(of))
      return { name, object: mayHaveFailed ? `readable(${object})` : object }
    })
  return render('on-demand-rows.mjs', {
    name: view.name,
    request: request.length === 0 ? '{}' : `{ ${request.join(', ')} }`,
    inputs,
    columns: Array.from({ length: column }, (_, index) => `c${index}`).join(', '),
    features: view.features.map(({ name }, index) => ({ name, index, function: functionOf(name) })),
    convert: view.features.map((_, index) => `v${index}`).join(', '),
    results: view.features.map((_, index) => `r${index}`).join(', '),
  }).trimEnd()
}
