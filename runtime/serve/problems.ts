/** Problem documents (RFC 9457): what a caller is told when there is no answer. Never a stack, an address or a secret. */
import { MeridianError } from '../errors.ts'

/** One thing that is wrong with a request. */
export interface RequestError {
  /** Where in the request, as a JSON pointer. */
  readonly pointer: string
  readonly code: 'missing' | 'invalid' | 'unknown'
  /** What was expected. */
  readonly detail: string
}

interface Kind {
  readonly status: number
  readonly title: string
  /** Seconds after which to ask again. */
  readonly retryAfter?: number
}

/** Every kind of problem, by what its type ends in. docs/api.md lists them. */
export const problemKinds = {
  'body.malformed': { status: 400, title: 'the body is not JSON' },
  'request.malformed': { status: 400, title: 'this is not an HTTP request' },
  'caller.unknown': { status: 401, title: 'this needs an API key or a token that is known here' },
  'caller.not-allowed': { status: 403, title: 'the key or token is not for this' },
  'path.unknown': { status: 404, title: 'there is nothing at this path' },
  'service.unknown': { status: 404, title: 'there is no such service' },
  'view.unknown': { status: 404, title: 'there is no such view' },
  'method.not-allowed': { status: 405, title: 'the path does not take this method' },
  'request.too-slow': { status: 408, title: 'the request took too long to arrive' },
  'body.too-large': { status: 413, title: 'the body is too large' },
  'entities.too-many': { status: 413, title: 'too many entities' },
  'media-type.unsupported': { status: 415, title: 'the body must be application/json' },
  'argument.missing': { status: 422, title: 'an argument is missing' },
  'argument.invalid': { status: 422, title: 'an argument is not what is expected' },
  'argument.unknown': { status: 422, title: 'there is no such argument' },
  'headers.too-large': { status: 431, title: 'the headers are too large' },
  fault: { status: 500, title: 'a fault of the pod' },
  'value.out-of-range': { status: 500, title: 'a stored value does not fit its type' },
  'pod.overloaded': { status: 503, title: 'the pod has too much to do', retryAfter: 1 },
  'pod.draining': { status: 503, title: 'the pod is about to end', retryAfter: 1 },
  'identity.unavailable': { status: 503, title: 'the keys of tokens cannot be read', retryAfter: 1 },
  'store.unavailable': { status: 503, title: 'the online store is not available', retryAfter: 1 },
  'store.timeout': { status: 503, title: 'the online store did not answer in time', retryAfter: 1 },
  'store.refused': { status: 503, title: 'the online store refused', retryAfter: 5 },
  'database.unavailable': { status: 503, title: 'the database is not available', retryAfter: 1 },
  'lookup.failed': { status: 503, title: 'the database could not compute this', retryAfter: 1 },
  'deadline.exceeded': { status: 504, title: 'the deadline passed' },
} as const satisfies Readonly<Record<string, Kind>>

export type ProblemType = keyof typeof problemKinds

/** What is thrown for a caller to be told. */
export class Problem extends Error {
  readonly type: ProblemType
  readonly kind: Kind
  readonly detail: string | undefined
  readonly errors: readonly RequestError[]

  constructor(type: ProblemType, detail?: string, errors: readonly RequestError[] = [], cause?: unknown) {
    super(detail ?? problemKinds[type].title, cause === undefined ? undefined : { cause })
    this.type = type
    this.kind = problemKinds[type]
    this.detail = detail
    this.errors = errors
  }

  document(requestId: string): string {
    const { kind, type, detail, errors } = this
    return JSON.stringify({
      type: `urn:meridian:${type}`,
      title: kind.title,
      status: kind.status,
      ...(detail === undefined ? {} : { detail }),
      request_id: requestId,
      ...(errors.length === 0 ? {} : { errors }),
    })
  }
}

export const problemMediaType = 'application/problem+json; charset=utf-8'

/** What Fastify says before a handler runs, by its codes. */
const frameworkCodes: Readonly<Record<string, ProblemType>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: 'body.too-large',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'media-type.unsupported',
  FST_ERR_CTP_EMPTY_JSON_BODY: 'body.malformed',
  FST_ERR_CTP_INVALID_JSON_BODY: 'body.malformed',
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: 'request.malformed',
  FST_ERR_BAD_URL: 'path.unknown',
}

/** The problem that an error is. A fault of ours is one word for the caller; the log has the rest. */
export function problemOf(error: unknown): Problem {
  if (error instanceof Problem) return error
  if (error instanceof MeridianError) return ofOurs(error)
  const { code, statusCode, message } = error as { code?: string; statusCode?: number; message?: string }
  const known = code === undefined ? undefined : frameworkCodes[code]
  if (known) return new Problem(known, undefined, [], error)
  // The parser's own errors, such as a key of the name __proto__.
  if (statusCode === 400) return new Problem('body.malformed', message, [], error)
  return new Problem('fault', undefined, [], error)
}

function ofOurs(error: MeridianError): Problem {
  const { code, message } = error
  switch (code) {
    case 'key.invalid':
    case 'request.invalid':
    case 'instant.invalid':
      return new Problem('argument.invalid', message, [], error)
    case 'store.closed':
      return new Problem('pod.draining', undefined, [], error)
    default:
      return new Problem(Object.hasOwn(problemKinds, code) ? (code as ProblemType) : 'fault', undefined, [], error)
  }
}
