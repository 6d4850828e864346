import { build } from 'meridian/compiler'
import { connect } from 'meridian/runtime'
const o = { root: '.', definitions: 'examples/flights/features.ts', output: 'generated/flights', name: 'flights' }
const r = await build(o)
console.log(r.diagnostics, r.changes.map(c => c.kind + ' ' + c.path).length)
const store = await connect('generated/flights')
console.time('mat'); console.log(await store.materialize(undefined, { at: '2001-06-15T12:02:00Z' })); console.timeEnd('mat')
const at = '2001-06-15T12:00:00Z'
const s = store.service('late_flights')
console.log(await s.get({ origin: 'SEA', destination: 'SFO' }, { at }))
console.log(await store.view('origin_stats').get({ origin: 'SEA' }, { at, status: true }))
for await (const row of s.trainingData({ spine: [{ origin: 'SEA', destination: 'SFO', event_timestamp: at, x: 1 }], accuracy: 'as_served' })) console.log(row)
console.log(await s.get({ origin: 'SEA', destination: null }, { at }))
await s.get({ orign: 'SEA', destination: 5 } as any).catch(e => console.log(e.message))
await s.trainingData({ spine: [{ origin: 4, last_delay: 1, event_timestamp: null } as any] }).toArray().catch(e => console.log(e.message))
const k = { origin: 'SEA', destination: 'SFO' }; const opt = { at: new Date(at) }
for (let i = 0; i < 20000; i++) await s.get(k, opt)
let t = performance.now(); for (let i = 0; i < 50000; i++) await s.get(k, opt); console.log('us per get', (performance.now() - t) / 50)
await store.close()
