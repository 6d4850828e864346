/** What a pod answers, and what it says where it does not. */
import { readFileSync } from 'node:fs'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { problemResponses } from '../../compiler/emit/openapi-common.ts'
import { problemKinds } from '../../runtime/serve/problems.ts'
import { get, odd, post, request, withPod } from './project.ts'

const values = {
  seen_count: 1,
  flag: true,
  small: -2147483648,
  large: '-9223372036854775808',
  safe: 9007199254740991,
  ratio: 'NaN',
  price: '-0.05',
  name: 'Ünï"code\\',
  seen: '2001-06-15T12:00:00.000001Z',
  raw: 'AP8=',
  extra: { a: [1, null] },
  tags: ['x', null],
  days: ['1969-12-31T23:59:59.999999Z'],
  embedding: [0.5, -1.5],
  total: '-0.05',
}
const nothing = {
  seen_count: 0,
  ...Object.fromEntries(
    Object.keys(values)
      .slice(1)
      .map(name => [name, null]),
  ),
  name: 'nobody',
  total: '0.00',
}

test(
  'every type, exactly: of one entity and of many',
  withPod(async pod => {
    const one = await post(pod, '/v1/services/stored', { entity: odd })
    assert.is(one.status, 200, JSON.stringify(one.body))
    assert.equal(one.body, { features: values })
    const nobody = { id: 3, kind: 'nobody' }
    const many = await post(pod, '/v1/views/everything', { entities: [odd, nobody, { ...nobody, id: null }] })
    assert.equal(many.body, { entities: [values, nothing, nothing] })
    assert.equal((await post(pod, '/v1/services/stored', { entities: [] })).body, { entities: [] })
  }),
)

test(
  'request data go in and come out as they were',
  withPod(async pod => {
    const { body } = await post(pod, '/v1/services/all', { entity: { ...odd, ...request } })
    const { features } = body
    assert.is(features.amount_back, '12.50')
    assert.is(features.moment_back, '2001-06-15T12:00:00.123000Z')
    assert.is(features.weight_back, 'Infinity')
    assert.is(features.blob_back, 'AAH/')
    assert.equal(features.words_back, ['a', null, 'b'])
    assert.is(features.big_back, '-9223372036854775808')
    assert.equal(features.point_back, [0.5, 'NaN'])
    assert.equal(features.any_back, { nested: [1, 'two', null] })
    assert.is(features.now_count, 1)
    assert.is(features.now_seen, '2001-06-15T12:00:00.000001Z')
    assert.is(features.fragile, 'yes')
    const view = await post(pod, '/v1/views/asked', { entity: { ...odd, ...request, weight: -0 } })
    assert.is(view.body.features.weight_back, 0)
  }),
)

test(
  'detail says what was found, to the microsecond',
  withPod(async pod => {
    const { body } = await post(pod, '/v1/services/patient?detail=true', { entity: odd })
    const { tick, ...seen } = body.detail.seen
    assert.equal(seen, {
      value: '2001-06-15T12:00:00.000001Z',
      status: 'present',
      source: 'stored',
      event_timestamp: '2001-06-15T11:59:59.123456Z',
    })
    assert.match(tick, /T\d\d:\d[05]:00\.000000Z$/)
    const many = await post(pod, '/v1/services/patient?detail=true', { entities: [{ id: '1', kind: '' }] })
    const [entity] = many.body.details
    assert.equal(entity.name, {
      value: 'nobody',
      status: 'missing',
      source: 'default',
      tick: null,
      event_timestamp: null,
    })
    assert.equal(entity.now_count.source, 'computed')
  }),
)

test(
  'a function that fails spoils its own feature, and is told of',
  withPod(async pod => {
    const no = { ...odd, ...request, yes: false }
    const { status, body } = await post(pod, '/v1/views/asked', { entities: [{ ...no, yes: true }, no] })
    assert.is(status, 200)
    assert.is(body.entities[0].fragile, 'yes')
    assert.is(body.entities[1].fragile, null)
    assert.is(body.entities[1].guarded, 'otherwise')
    const detail = 'feature "fragile" of "asked" failed: no'
    assert.equal(body.errors, [{ pointer: '/entities/1/fragile', code: 'feature.failed', detail }])
    const detailed = await post(pod, '/v1/views/asked?detail=true', { entity: no })
    assert.equal(detailed.body.errors, [{ pointer: '/detail/fragile', code: 'feature.failed', detail }])
    assert.is(detailed.body.detail.fragile.status, 'failed')
    assert.is(detailed.body.detail.fragile.value, null)
    assert.is(detailed.body.detail.guarded.value, 'otherwise')
  }),
)

test(
  'the catalogue, the document, health and readiness',
  withPod(async pod => {
    const { body } = await get(pod, '/v1/catalog')
    assert.equal(
      body.services.map(({ name }: { name: string }) => name),
      ['all', 'patient', 'stored'],
    )
    const all = body.services[0]
    assert.is(all.description.split('\n')[0], 'All there is.')
    assert.is(all.owner, 'things')
    assert.equal(all.keys[0], { name: 'id', type: { as: 'bigint', type: 'int64' } })
    assert.is(all.request.length, 9)
    assert.is(body.views.find(({ name }: { name: string }) => name === 'everything').refresh_seconds, 300)
    assert.is((await get(pod, '/openapi.json')).body.openapi, '3.1.0')
    assert.equal((await get(pod, '/healthz')).body, { status: 'up' })
    const ready = await get(pod, '/readyz')
    assert.equal(ready.body, { ready: true, problems: [] })
    assert.is(ready.status, 200)
  }),
)

test(
  'a method that a path does not take is told which it takes; probes may ask by HEAD',
  withPod(async pod => {
    const ask = async (path: string, method: string) => {
      const response = await fetch(`${pod.url}${path}`, { method })
      return [response.status, response.headers.get('allow'), (await response.text()).length > 0]
    }
    assert.equal(await ask('/healthz', 'DELETE'), [405, 'GET, HEAD', true])
    assert.equal(await ask('/v1/services/stored', 'GET'), [405, 'POST', true])
    assert.equal(await ask('/v1/services/none', 'GET'), [404, null, true])
    for (const path of ['/healthz', '/readyz', '/v1/catalog']) assert.equal(await ask(path, 'HEAD'), [200, null, false])
  }),
)

interface Wrong {
  readonly name: string
  readonly path?: string
  readonly body: unknown
  readonly headers?: Readonly<Record<string, string>>
  readonly status: number
  readonly type: string
  readonly errors?: readonly object[]
}

const wrong: readonly Wrong[] = [
  { name: 'an unknown service', path: '/v1/services/none', body: {}, status: 404, type: 'service.unknown' },
  { name: 'a name of every object', path: '/v1/services/constructor', body: {}, status: 404, type: 'service.unknown' },
  { name: 'an unknown view', path: '/v1/views/none', body: {}, status: 404, type: 'view.unknown' },
  { name: 'an unknown path', path: '/v2', body: {}, status: 404, type: 'path.unknown' },
  { name: 'a path that is not encoded', path: '/v1/services/%E0%A4%A', body: {}, status: 404, type: 'path.unknown' },
  { name: 'another method', path: '/healthz', body: {}, status: 405, type: 'method.not-allowed' },
  { name: 'no JSON', body: '{', status: 400, type: 'body.malformed' },
  { name: 'no body', body: '', status: 400, type: 'body.malformed' },
  { name: 'a poisoned prototype', body: '{"__proto__":{"a":1},"entity":{}}', status: 400, type: 'body.malformed' },
  { name: 'text', body: 'a', headers: { 'content-type': 'text/plain' }, status: 415, type: 'media-type.unsupported' },
  {
    name: 'a missing join key',
    body: { entity: { id: '1' } },
    status: 422,
    type: 'argument.missing',
    errors: [{ pointer: '/entity/kind', code: 'missing', detail: 'is missing: expected a string, or null' }],
  },
  {
    name: 'a join key of the wrong type, and another argument',
    body: { entities: [odd, { id: 1.5, kind: 'a', more: 1 }] },
    status: 422,
    type: 'argument.unknown',
    errors: [
      { pointer: '/entities/1/more', code: 'unknown', detail: 'is not expected: there are id, kind' },
      {
        pointer: '/entities/1/id',
        code: 'invalid',
        detail: 'expected an int64 as a string, or an integer from -9007199254740991 to 9007199254740991, or null',
      },
    ],
  },
  {
    name: 'an int64 beyond 64 bits',
    body: { entity: { ...odd, id: '9223372036854775808' } },
    status: 422,
    type: 'argument.invalid',
  },
  {
    name: 'a number that JSON has rounded',
    body: `{"entity":{"id":9007199254740993,"kind":""}}`,
    status: 422,
    type: 'argument.invalid',
  },
  {
    name: 'neither entity nor entities',
    body: {},
    status: 422,
    type: 'argument.missing',
    errors: [{ pointer: '', code: 'missing', detail: 'expected an object with one member, entity or entities' }],
  },
  { name: 'entity and entities', body: { entity: odd, entities: [] }, status: 422, type: 'argument.invalid' },
  { name: 'a list', body: [], status: 422, type: 'argument.invalid' },
  { name: 'too many entities', body: { entities: new Array(1001).fill(odd) }, status: 413, type: 'entities.too-many' },
  {
    name: 'a body that is too large',
    body: { entity: { ...odd, kind: 'x'.repeat(1 << 20) } },
    status: 413,
    type: 'body.too-large',
  },
  {
    name: 'an unknown parameter',
    path: '/v1/services/stored?details=true',
    body: { entity: odd },
    status: 422,
    type: 'argument.unknown',
  },
  {
    name: 'detail of no truth',
    path: '/v1/services/stored?detail=maybe',
    body: { entity: odd },
    status: 422,
    type: 'argument.invalid',
  },
  ...Object.entries({
    amount: '1.234',
    moment: '2001-06-15',
    weight: '1',
    blob: 'AAH',
    words: 'a',
    big: 1.5,
    yes: 'true',
    point: [1],
  }).map(([name, value]) => ({
    name: `request data of the wrong type: ${name}`,
    path: '/v1/views/asked',
    body: { entity: { ...odd, ...request, [name]: value } },
    status: 422,
    type: 'argument.invalid',
  })),
  {
    name: 'a text that no engine keeps',
    path: '/v1/views/asked',
    body: { entity: { ...odd, ...request, words: ['\0'] } },
    status: 422,
    type: 'argument.invalid',
  },
]

test(
  'what is refused, and why',
  withPod(async pod => {
    for (const { name, path = '/v1/services/stored', body, headers = {}, status, type, errors } of wrong) {
      const reply = await post(pod, path, body, headers)
      const told = `${name}: ${JSON.stringify(reply.body)}`
      assert.is(reply.status, status, told)
      assert.is(reply.headers.get('content-type'), 'application/problem+json; charset=utf-8', told)
      assert.is(reply.body.type, `urn:meridian:${type}`, told)
      assert.is(reply.body.status, status, told)
      assert.ok(reply.body.title && reply.body.request_id, told)
      assert.not.match(JSON.stringify(reply.body), /\n\s+at |node_modules|\.[tj]s:/)
      if (errors) assert.equal(reply.body.errors, errors, told)
    }
  }),
)

test('every kind of problem is on the page, with its status, and each status of an answer is in the document', () => {
  const page = readFileSync(new URL('../../docs/api.md', import.meta.url), 'utf8')
  for (const [type, { status }] of Object.entries(problemKinds)) {
    const row = page.split('\n').find(line => line.includes(`\`${type}\``))
    assert.ok(row?.startsWith(`| ${status} `), `${type}: ${row}`)
    const ofAPost = ![404, 405, 431].includes(status)
    if (ofAPost) assert.ok(Object.hasOwn(problemResponses, `Problem${status}`), `${status}`)
  }
})

test.run()
