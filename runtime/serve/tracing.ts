/** Spans through OpenTelemetry's API: whoever loads an SDK sees them, and nobody has to. */

import type { IncomingHttpHeaders } from 'node:http'
import {
  type Context,
  context,
  propagation,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api'

const tracer = trace.getTracer('meridian')

const traceparent = /^[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/

export interface Traced {
  readonly span: Span
  readonly context: Context
  /** Of the caller, or of the span; null where nobody traces. */
  readonly traceId: string | null
}

/** Begins the span of a request, as a child of the caller's where it says one. */
export function begin(name: string, headers: IncomingHttpHeaders): Traced {
  const parent = headers.traceparent === undefined ? ROOT_CONTEXT : parentOf(headers)
  const span = tracer.startSpan(name, { kind: SpanKind.SERVER }, parent)
  const id = span.spanContext().traceId
  return { span, context: trace.setSpan(parent, span), traceId: id === '00000000000000000000000000000000' ? null : id }
}

/** By the propagator that is registered; the header is honoured where there is none too. */
function parentOf(headers: IncomingHttpHeaders): Context {
  const extracted = propagation.extract(ROOT_CONTEXT, headers)
  if (trace.getSpanContext(extracted)) return extracted
  const parts = traceparent.exec(String(headers.traceparent))
  const [, traceId = '', spanId = '', flags = '00'] = parts ?? []
  if (parts === null || /^0+$/.test(traceId) || /^0+$/.test(spanId)) return ROOT_CONTEXT
  return trace.setSpanContext(ROOT_CONTEXT, { traceId, spanId, traceFlags: Number.parseInt(flags, 16), isRemote: true })
}

/** Runs work within the span, so that what it calls may have spans of its own. */
export function within<T>({ context: of }: Traced, work: () => T): T {
  return context.with(of, work)
}

export function end({ span }: Traced, status: number, subject: string | null): void {
  if (span.isRecording()) {
    span.setAttribute('http.response.status_code', status)
    if (subject !== null) span.setAttribute('meridian.subject', subject)
    if (status >= 500) span.setStatus({ code: SpanStatusCode.ERROR })
  }
  span.end()
}
