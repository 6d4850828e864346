import type { Retrieved, ViewManifest } from './contract.ts'

/** A feature view as what is asked for by itself. */
export function retrievedView({ name, keys, features, statements }: ViewManifest): Retrieved {
  return {
    keys,
    request: [],
    uses: [
      {
        name,
        view: name,
        keys: keys.map(key => key.name),
        pointInTime: Object.fromEntries(
          Object.entries(statements).map(([dialect, { pointInTime }]) => [dialect, pointInTime]),
        ),
      },
    ],
    onDemand: [],
    answer: features.map(feature => ({ name: feature.name, of: name, feature: feature.name })),
  }
}
