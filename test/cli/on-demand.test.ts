/** Functions by the command: request data among the keys, and as columns of a spine. */
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { definitions, project, withBuiltProject } from './command.ts'

const text = `${definitions().replace('featureService, featureView', 'featureService, featureView, onDemandFeatureView')}
/** An order that waits. */
export const order = onDemandFeatureView('order', {
  request: { size: t.int32(), placed: t.timestamp(), wishes: t.list(t.string()) },
  inputs: { orderStats: orderStats.pick('orders_1h') },
  features: ({ feature }) => ({
    each: feature(t.float64(), ({ request, orderStats }) => request.size / (1 + orderStats.orders_1h)),
    waited: feature(t.int32(), ({ request, now }) => (now.getTime() - request.placed.getTime()) / 1000),
    wishes_count: feature(t.int32(), ({ request }) => request.wishes.length),
    small: feature(t.int32(), ({ request }) => {
      if (request.size > 100) throw new RangeError('too large')
      return request.size
    }),
  }),
})
export const ordering = featureService('ordering', [orderStats.pick('orders_1h'), order])
`
const files = { ...project, 'features.ts': text }
const at = ['--at', '2001-06-15T12:15:00Z']
const keys = ['customer=1', 'vip=true', 'placed=2001-06-15T12:14:30Z', 'wishes=["fast","cheap"]']

test(
  'get takes request data beside the join keys, and says where each value came from',
  withBuiltProject(async ({ meridian }) => {
    const [one, view, status, failed, missing, wrong] = await Promise.all([
      meridian(['get', 'ordering', ...keys, 'size=6', '--json', ...at]),
      meridian(['get', 'order', ...keys, 'size=6', '--json', ...at]),
      meridian(['get', 'ordering', ...keys, 'size=101', '--status', '--json', ...at]),
      meridian(['get', 'ordering', ...keys, 'size=101', '--json', ...at]),
      meridian(['get', 'ordering', 'customer=1', 'vip=true', 'size=6', ...at]),
      meridian(['get', 'ordering', ...keys, 'size=6.5', ...at]),
    ])
    const own = { each: 2, waited: 30, wishes_count: 2, small: 6 }
    assert.equal(JSON.parse(one.stdout), { orders_1h: 2, ...own })
    assert.equal(JSON.parse(view.stdout), own)
    const found = JSON.parse(status.stdout)
    assert.equal([found.orders_1h.source, found.each.source, found.each.status], ['stored', 'computed', 'present'])
    assert.is(found.small.status, 'failed')
    assert.match(found.small.error, 'feature "small" of "order" failed: too large')
    assert.equal([failed.code, failed.stdout], [2, ''])
    assert.match(failed.stderr, 'feature "small" of "order" failed: too large')
    assert.match(missing.stderr, 'give every join key and all request data: "placed" is missing; "wishes" is missing')
    assert.match(wrong.stderr, 'size=6.5 is no int32')
    assert.equal([missing.code, wrong.code], [2, 2])
  }, files),
)

test(
  'training data take request data from the spine',
  withBuiltProject(async ({ folder, meridian }) => {
    const spine = (rows: string) =>
      writeFile(join(folder, 'spine.csv'), `customer,vip,event_timestamp,size,placed,wishes\n${rows}`)
    const train = ['training-data', 'ordering', '--spine', 'spine.csv', '--output', 'training.csv']
    await spine(`1,true,2001-06-15 12:15:00,6,2001-06-15 12:14:30,"[fast, cheap]"\n`)
    const done = await meridian(train)
    assert.is(done.code, 0, done.stderr)
    const written = await readFile(join(folder, 'training.csv'), 'utf8')
    assert.match(written, /^customer,vip,event_timestamp,size,placed,wishes,orders_1h,each,waited,wishes_count,small\n/)
    assert.match(written, /,2,2\.0,30,2,6\n$/)
    await spine(`1,true,2001-06-15 12:15:00,,2001-06-15 12:14:30,\n`)
    const without = await meridian(train)
    assert.equal([without.code, without.stdout], [2, ''])
    assert.match(without.stderr, '"size"')
    assert.is(await readFile(join(folder, 'training.csv'), 'utf8'), written)
  }, files),
)

test.run()
