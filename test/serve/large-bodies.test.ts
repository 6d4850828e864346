/** Bodies near their limit: a pod that is busy with one of them answers nobody. */
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { post, withPod } from './project.ts'

test(
  'a body that is wrong in a hundred thousand places is refused at once, and no name of it is told in full',
  withPod(async pod => {
    const many = (item: string, count: number) => `[${new Array(count).fill(item).join(',')}]`
    const names = Array.from({ length: 100_000 }, (_, index) => `"${index.toString(36)}":0`).join(',')
    const bodies = [
      ['/v1/views/asked', `{"entity":{"words":${many('0', 500_000)}}}`],
      ['/v1/views/asked', `{"entity":{"point":${many('""', 330_000)}}}`],
      ['/v1/services/stored', `{"entity":{${names}}}`],
      ['/v1/services/stored', `{"entity":{"id":"1","kind":"a","${'x'.repeat(1_000_000)}":1}}`],
    ] as const
    let longest = 0
    let last = performance.now()
    const timer = setInterval(() => {
      longest = Math.max(longest, performance.now() - last)
      last = performance.now()
    }, 5)
    for (const [path, body] of bodies) {
      const reply = await post(pod, path, body)
      assert.is(reply.status, 422)
      assert.ok(JSON.stringify(reply.body).length < 5_000)
    }
    clearInterval(timer)
    assert.ok(longest < 800, `${longest} ms`)
  }),
)

test.run()
