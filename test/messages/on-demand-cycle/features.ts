import { type OnDemandFeatureViewDefinition, onDemandFeatureView, t } from 'meridian'

const types = { type: t.int32(), default: null, kind: 'on_demand', compute: () => 1 } as const

/** Made by hand: with the builders each view stands before those that read it. */
const forged = (name: string, inputs: OnDemandFeatureViewDefinition['inputs']): OnDemandFeatureViewDefinition => ({
  kind: 'on_demand_feature_view',
  name,
  request: {},
  inputs,
  owner: null,
  tags: [],
  features: { [name]: types },
})

const inputs: Record<string, OnDemandFeatureViewDefinition> = {}
export const first = forged('first', inputs)
export const second = forged('second', { first })
inputs.second = second

/** Reads the cycle, and is no part of it. */
export const third = onDemandFeatureView('third', {
  inputs: { second: second as never },
  features: ({ feature }) => ({ third: feature(t.int32(), () => 1) }),
})
