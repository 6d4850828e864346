/** What the API of every project has: problem documents, the catalogue, and what says how a pod is. */
import type { Schema } from './openapi-types.ts'

interface Problem {
  readonly means: string
  readonly type: string
  readonly title: string
  readonly headers?: Readonly<Record<string, Schema>>
}

const retryAfter = {
  'Retry-After': { description: 'Seconds after which to ask again.', schema: { type: 'integer', minimum: 1 } },
}

/** By status. `type` is the one of the example: docs/api.md lists all. */
const problems: Readonly<Record<number, Problem>> = {
  400: { means: 'The body is no JSON.', type: 'body.malformed', title: 'the body is not JSON' },
  401: {
    means: 'No key or token, or one that is not known.',
    type: 'caller.unknown',
    title: 'this needs an API key or a token',
    headers: { 'WWW-Authenticate': { schema: { type: 'string' } } },
  },
  403: { means: 'The key or token is not for this.', type: 'caller.not-allowed', title: 'the key is not for this' },
  408: { means: 'The request did not come in time.', type: 'request.too-slow', title: 'the request took too long' },
  413: {
    means: 'The body is too large, or asks for too many entities.',
    type: 'entities.too-many',
    title: 'too many entities',
  },
  415: { means: 'The body is not application/json.', type: 'media-type.unsupported', title: 'the body must be JSON' },
  422: {
    means: 'The body is not what is asked with; `errors` says each problem and where it is.',
    type: 'argument.invalid',
    title: 'an argument has the wrong type',
  },
  500: { means: 'A fault of the pod, which its log tells of.', type: 'fault', title: 'a fault of the pod' },
  503: {
    means: 'The store is away, or the pod has too much to do.',
    type: 'store.unavailable',
    title: 'the store is not available',
    headers: retryAfter,
  },
  504: { means: 'The deadline passed.', type: 'deadline.exceeded', title: 'the deadline passed' },
}

const content = (example: unknown) => ({
  'application/problem+json': { schema: { $ref: '#/components/schemas/Meridian.Problem' }, example },
})

/** By name: `Problem` and the status. */
export const problemResponses: Readonly<Record<string, Schema>> = Object.fromEntries(
  Object.entries(problems).map(([status, { means, type, title, headers }]) => [
    `Problem${status}`,
    {
      description: means,
      ...(headers ? { headers } : {}),
      content: content({ type: `urn:meridian:${type}`, title, status: Number(status), request_id: 'req-1' }),
    },
  ]),
)

export const securitySchemes = {
  key: {
    type: 'http',
    scheme: 'bearer',
    description: 'An API key, or a JWT where the pod knows its issuer. A pod that asks for neither takes any caller.',
  },
} as const

const object = (properties: Readonly<Record<string, Schema>>, required = Object.keys(properties)): Schema => ({
  type: 'object',
  properties,
  required,
  additionalProperties: false,
})

const text: Schema = { type: 'string' }
const nullableText: Schema = { type: ['string', 'null'] }
const instant: Schema = { type: ['string', 'null'], format: 'date-time' }
const seconds: Schema = { type: ['number', 'null'] }
const fields: Schema = { type: 'array', items: { $ref: '#/components/schemas/Meridian.Field' } }

export const commonSchemas: Readonly<Record<string, Schema>> = {
  'Meridian.Detail': {
    ...object(
      {
        value: {},
        status: {
          type: 'string',
          enum: ['present', 'null', 'missing', 'expired', 'failed'],
          description: 'What was found, before a default took its place.',
        },
        source: { type: 'string', enum: ['stored', 'computed', 'default'], description: 'Where the value came from.' },
        tick: { ...instant, description: 'The tick it was stored at.' },
        event_timestamp: { ...instant, description: 'When the row behind it happened.' },
      },
      ['value', 'status', 'source', 'tick', 'event_timestamp'],
    ),
    description: 'A value and why it is what it is.',
    example: {
      value: 0.5,
      status: 'present',
      source: 'stored',
      tick: '2001-06-15T12:00:00.000000Z',
      event_timestamp: '2001-06-15T11:59:59.000001Z',
    },
  },
  'Meridian.Problem': {
    type: 'object',
    description: 'A problem document of RFC 9457.',
    properties: {
      type: { ...text, description: 'A URN that names the kind of problem, and stays the same.' },
      title: { ...text, description: 'The kind, in words.' },
      status: { type: 'integer' },
      detail: { ...text, description: 'This very problem, in words.' },
      request_id: { ...text, description: 'What the log of the pod has it under.' },
      errors: { type: 'array', items: { $ref: '#/components/schemas/Meridian.Error' } },
    },
    required: ['type', 'title', 'status', 'request_id'],
    additionalProperties: false,
  },
  'Meridian.Error': object({
    pointer: { ...text, description: 'Where it is, as a JSON pointer: in the request, or in an answer.' },
    code: { ...text, description: 'The kind, which stays the same.' },
    detail: { ...text, description: 'What was expected, or what happened.' },
  }),
  'Meridian.Field': {
    type: 'object',
    properties: { name: text, type: { type: 'object', properties: { type: text }, required: ['type'] } },
    required: ['name', 'type'],
  },
  'Meridian.Subject': object({
    name: text,
    path: text,
    description: nullableText,
    owner: nullableText,
    keys: fields,
    request: fields,
    features: fields,
    refresh_seconds: { ...seconds, description: 'Between two ticks; null where it is computed when read.' },
  }),
  'Meridian.Catalog': object({
    project: text,
    build: { ...text, description: 'The fingerprint of the build.' },
    services: { type: 'array', items: { $ref: '#/components/schemas/Meridian.Subject' } },
    views: { type: 'array', items: { $ref: '#/components/schemas/Meridian.Subject' } },
  }),
  'Meridian.Health': object({ status: { type: 'string', enum: ['up'] } }),
  'Meridian.Readiness': object({
    ready: { type: 'boolean' },
    problems: { type: 'array', items: text, description: 'Why not.' },
  }),
}

const get = (operationId: string, summary: string, responses: Schema) => ({
  get: { operationId, tags: ['pod'], summary, responses },
})
const json = (description: string, schema: string) => ({
  description,
  content: { 'application/json': { schema: { $ref: `#/components/schemas/Meridian.${schema}` } } },
})
const refused = Object.fromEntries(
  ['401', '403'].map(code => [code, { $ref: `#/components/responses/Problem${code}` }]),
)

export const commonPaths: Readonly<Record<string, Schema>> = {
  '/v1/catalog': get('getCatalog', 'Services and views, what they are asked with and what they answer', {
    200: json('The catalogue.', 'Catalog'),
    ...refused,
  }),
  '/openapi.json': get('getOpenApi', 'This document', {
    200: { description: 'OpenAPI 3.1.', content: { 'application/json': { schema: { type: 'object' } } } },
    ...refused,
  }),
  '/healthz': get('getHealth', 'Whether the process runs', { 200: json('It does.', 'Health') }),
  '/readyz': get('getReadiness', 'Whether to send requests here', {
    200: json('Stores are reachable, and layouts known.', 'Readiness'),
    503: json('Not now.', 'Readiness'),
  }),
  '/metrics': get('getMetrics', 'Metrics for Prometheus', {
    200: { description: 'In the text format.', content: { 'text/plain': { schema: text } } },
    ...refused,
  }),
}
