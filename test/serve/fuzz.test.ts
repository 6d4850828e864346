/**
 * Ten thousand requests that are nearly right, made from `openapi.json`: none is answered with 5xx, each with what the document
 * says of its status, and the pod is as it was before.
 */
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import fc from 'fast-check'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { get, odd, post, request, withPod } from './project.ts'

interface Schema {
  readonly $ref?: string
  readonly type?: string | readonly string[]
  readonly format?: string
  readonly pattern?: string
  readonly contentEncoding?: string
  readonly enum?: readonly unknown[]
  readonly anyOf?: readonly Schema[]
  readonly oneOf?: readonly Schema[]
  readonly items?: Schema
  readonly properties?: Readonly<Record<string, Schema>>
  readonly minItems?: number
  readonly maxItems?: number
}

const count = Number(process.env.MERIDIAN_REQUESTS ?? 10_000)

/** Values of a schema, and values that are not. */
class Requests {
  readonly #document: { readonly components: { readonly schemas: Readonly<Record<string, Schema>> } }

  constructor(document: never) {
    this.#document = document
  }

  /** At every place, now and then something else. */
  of(given: Schema): fc.Arbitrary<unknown> {
    return fc.oneof({ weight: 9, arbitrary: this.#right(given) }, { weight: 1, arbitrary: wrong })
  }

  #right(given: Schema): fc.Arbitrary<unknown> {
    const schema = this.#resolved(given)
    const alternatives = schema.anyOf ?? schema.oneOf
    if (alternatives) return fc.oneof(...alternatives.map(one => this.of(one)))
    if (schema.enum) return fc.constantFrom(...schema.enum)
    if (schema.properties) return this.#object(schema.properties)
    const types = [schema.type ?? 'json'].flat()
    return fc.oneof(...types.map(type => this.#typed(type, schema)))
  }

  #object(properties: Readonly<Record<string, Schema>>): fc.Arbitrary<unknown> {
    const members = Object.fromEntries(Object.entries(properties).map(([name, one]) => [name, this.of(one)]))
    const missing = fc.record(members, { requiredKeys: [] })
    const more = fc
      .tuple(fc.record(members), fc.string(), wrong)
      .map(([all, name, value]) => ({ ...all, [name]: value }))
    return fc.oneof({ weight: 8, arbitrary: fc.record(members) }, missing, more)
  }

  #typed(
    type: string,
    { format, pattern, contentEncoding, items, minItems = 0, maxItems = 5 }: Schema,
  ): fc.Arbitrary<unknown> {
    switch (type) {
      case 'null':
        return fc.constant(null)
      case 'boolean':
        return fc.boolean()
      case 'integer':
        return fc.oneof(fc.integer(), fc.maxSafeInteger(), fc.double())
      case 'number':
        return fc.double({ noNaN: true, noDefaultInfinity: true })
      case 'array':
        return fc.array(this.of(items ?? {}), { minLength: minItems, maxLength: maxItems })
      case 'string': {
        if (format === 'int64') return fc.bigInt({ min: -(2n ** 63n) - 2n, max: 2n ** 63n + 2n }).map(String)
        if (format === 'date-time')
          return fc.oneof(
            fc.date({ noInvalidDate: true }).map(date => date.toISOString()),
            fc.string(),
          )
        if (contentEncoding) return fc.oneof(fc.base64String(), fc.string())
        if (pattern) return fc.oneof(fc.stringMatching(/^-?\d{0,12}(\.\d{0,3})?$/), fc.string())
        return fc.string({ unit: 'binary' })
      }
      default:
        return fc.jsonValue()
    }
  }

  #resolved(schema: Schema): Schema {
    const name = schema.$ref?.split('/').at(-1)
    return name === undefined ? schema : this.#resolved(this.#document.components.schemas[name] as Schema)
  }
}

setFlagsFromString('--expose-gc')
const collect: () => void = runInNewContext('gc')

const wrong = fc.oneof(
  fc.jsonValue({ maxDepth: 2 }),
  fc.constantFrom(1e308, -0, 2 ** 53, '', '\0', '\ud800', [], {}, 'constructor', '__proto__'),
  fc.string({ unit: 'binary', maxLength: 200 }),
)

/** A body as it goes out: sometimes it is cut, or two of them, or no JSON at all. */
function written(body: fc.Arbitrary<unknown>): fc.Arbitrary<string> {
  const text = body.map(value => JSON.stringify(value) ?? '')
  const cut = fc.tuple(text, fc.nat(100)).map(([all, at]) => all.slice(0, at))
  return fc.oneof(
    { weight: 18, arbitrary: text },
    cut,
    fc.string(),
    text.map(all => all.replace('"', '"__proto__":{},"')),
  )
}

test(
  `${count.toLocaleString('en-US')} requests`,
  withPod(async pod => {
    const { body: document } = await get(pod, '/openapi.json')
    const requests = new Requests(document as never)
    const paths = Object.entries<{
      post?: { requestBody: { content: Record<string, { schema: Schema }> }; responses: object }
    }>(document.paths).flatMap(([path, { post: operation }]) => {
      const schema = operation?.requestBody.content['application/json']?.schema
      return operation && schema
        ? [{ path, statuses: Object.keys(operation.responses), body: written(requests.of(schema)) }]
        : []
    })
    assert.is(paths.length, 6)
    const seed = Number(process.env.MERIDIAN_SEED ?? Date.now() % 1e9)
    const seen = new Map<number, number>()
    const query = fc.constantFrom(
      '',
      '',
      '?detail=true',
      '?detail=false',
      '?detail=1',
      '?other=1',
      '?detail=true&detail=false',
    )
    /** A half of them, each path in turn. */
    const half = async (number: number): Promise<number> => {
      const numRuns = Math.ceil(count / 2 / paths.length)
      const queue = paths.flatMap(({ path, statuses, body }) =>
        fc
          .sample(fc.tuple(body, query), { seed: seed + number, numRuns })
          .map(([text, asked]) => ({ path, statuses, text, asked })),
      )
      const caller = async (): Promise<void> => {
        for (let next = queue.pop(); next; next = queue.pop()) {
          const { path, statuses, text, asked } = next
          const reply = await post(pod, `${path}${asked}`, text)
          const told = `seed ${seed}: ${path}${asked} ${text} -> ${reply.status} ${JSON.stringify(reply.body)}`
          assert.ok(reply.status < 500, told)
          assert.ok(statuses.includes(String(reply.status)), told)
          if (reply.status !== 200) assert.match(reply.body.type, /^urn:meridian:[a-z.-]+$/, told)
          seen.set(reply.status, (seen.get(reply.status) ?? 0) + 1)
        }
      }
      await Promise.all(Array.from({ length: 8 }, caller))
      collect()
      return process.memoryUsage().heapUsed
    }
    const between = await half(0)
    const grown = (await half(1)) - between
    assert.ok(grown < 10e6, `${grown / 1e6} MB more after the second half`)
    // Neither all of it is refused, nor all of it right.
    for (const status of [200, 400, 422]) assert.ok((seen.get(status) ?? 0) > count / 100, JSON.stringify([...seen]))
    const { status, body } = await post(pod, '/v1/services/all', { entity: { ...odd, ...request } })
    assert.is(status, 200)
    assert.is(body.features.fragile, 'yes')
    const { body: metrics } = await get(pod, '/metrics')
    assert.match(metrics, /meridian_in_flight\{.*\} 0\n/)
  }),
)

test.run()
