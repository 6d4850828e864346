/** What a pod lets be seen: its log, its metrics, its spans; and what it must not. */
import { context, trace } from '@opentelemetry/api'
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base'
import { hashOfKey } from 'meridian/serve'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { get, odd, post, request, withPod } from './project.ts'

/** Where a log is kept for a test. */
function kept() {
  const lines: string[] = []
  return { lines, to: { write: (line: string) => void lines.push(line) } }
}

const parsed = (lines: readonly string[], path: string) =>
  lines.map(line => JSON.parse(line)).filter(line => line.path === path)

test('a line for each request, with its id and never a secret', async () => {
  const { lines, to } = kept()
  const secret = 'mk_very-secret-key'
  const keys = [{ name: 'checkout', sha256: hashOfKey(secret), scopes: ['*'] }]
  const authorization = { authorization: `Bearer ${secret}` }
  await withPod(
    async pod => {
      const path = '/v1/services/stored'
      const headers = { ...authorization, 'x-request-id': 'mine-1' }
      await post(pod, path, { entities: [odd, odd] }, headers)
      const refused = await post(pod, `${path}?token=${secret}`, { entity: { id: 'x' } }, authorization)
      await post(pod, path, {}, { authorization: 'Bearer mk_another-secret', 'x-request-id': 'bad id\t' })
      const [first, second, third] = parsed(lines, path)
      assert.is(first.request_id, 'mine-1')
      assert.is(first.status, 200)
      assert.is(first.entities, 2)
      assert.is(first.caller, 'checkout')
      assert.is(first.project, 'things')
      assert.match(first.build, /^[0-9a-f]{12}$/)
      assert.ok(first.ms > 0)
      assert.is(second.status, 422)
      assert.is(second.request_id, refused.body.request_id)
      assert.match(second.problem, /^argument\./)
      assert.is(third.problem, 'caller.unknown')
      const secrets = { entity: { ...odd, ...request, words: ['card 4111 of alice\u0000'] } }
      assert.is((await post(pod, '/v1/views/asked', secrets, authorization)).status, 422)
      await post(pod, path, { entity: { ...odd, 'card 4111 of alice': 1 } }, authorization)
      await post(pod, path, '{"card 4111 of alice"', authorization)
      assert.not.match(third.request_id, /\s/)
      const all = lines.join('')
      for (const word of [secret, 'mk_another-secret', 'card 4111', keys[0]?.sha256 ?? '', 'Bearer', odd.kind])
        assert.not.ok(all.includes(word), word)
    },
    { keys, log: { level: 'info', to } },
  )()
})

test(
  'metrics: requests, steps, entities, features by source and status, with the build',
  withPod(async pod => {
    for (let number = 0; number < 64; number += 1) await post(pod, '/v1/services/patient', { entity: odd })
    await post(pod, '/v1/services/patient', {})
    const { body, headers } = await get(pod, '/metrics')
    assert.match(headers.get('content-type') ?? '', /^text\/plain/)
    const value = (start: string): number => {
      const line = body.split('\n').find((line: string) => line.startsWith(start))
      assert.ok(line, `no ${start} in\n${body}`)
      return Number(line.slice(line.lastIndexOf(' ') + 1))
    }
    const subject = 'subject="services/patient"'
    assert.is(value(`meridian_requests_total{${subject},status="200"`), 64)
    assert.is(value(`meridian_requests_total{${subject},status="422"`), 1)
    assert.is(value(`meridian_entities_total{${subject}`), 64)
    assert.is(value(`meridian_features_total{${subject},feature="now_count",source="computed",status="present"`), 64)
    assert.is(value(`meridian_features_total{${subject},feature="name",source="stored",status="present"`), 64)
    for (const step of ['queue', 'store', 'compute'])
      assert.is(value(`meridian_request_seconds_count{${subject},step="${step}"`), 64, step)
    assert.is(value(`meridian_request_seconds_bucket{${subject},step="total",le="+Inf"`), 65)
    assert.is(value('meridian_store_state{store="store",state="closed"'), 1)
    assert.is(value('meridian_in_flight{'), 0)
    assert.match(body, /meridian_build_info\{project="things",build="[0-9a-f]{12}"\} 1/)
    assert.match(body, /process_cpu_seconds_total/)
  }),
)

test('a caller that traces finds its trace in the log, and spans where an SDK is loaded', async () => {
  const { lines, to } = kept()
  const exporter = new InMemorySpanExporter()
  const traceId = '0af7651916cd43dd8448eb211c80319c'
  const headers = { traceparent: `00-${traceId}-b7ad6b7169203331-01` }
  await withPod(
    async pod => {
      await post(pod, '/v1/services/stored', { entity: odd }, headers)
      await post(pod, '/v1/services/stored', { entity: odd }, { traceparent: '00-nothing' })
      const [traced, untraced] = parsed(lines, '/v1/services/stored')
      assert.is(traced.trace_id, traceId)
      assert.is(untraced.trace_id, undefined)
      trace.setGlobalTracerProvider(new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] }))
      await post(pod, '/v1/services/all', { entity: { ...odd, ...request } }, headers)
      await post(pod, '/v1/services/none', {})
    },
    { log: { level: 'info', to } },
  )()
  const [first, second] = exporter.getFinishedSpans()
  assert.is(first?.name, 'POST /v1/services/all')
  assert.is(first?.spanContext().traceId, traceId)
  assert.is(first?.parentSpanContext?.spanId, 'b7ad6b7169203331')
  assert.is(first?.attributes['meridian.subject'], 'services/all')
  assert.is(second?.attributes['http.response.status_code'], 404)
  trace.disable()
  context.disable()
})

test.run()
