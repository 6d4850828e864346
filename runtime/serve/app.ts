/** The HTTP side of a pod: routes from `openapi.json`, and what happens to every request. */

import { STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import { type FastifyInstance, type FastifyReply, type FastifyRequest, fastify } from 'fastify'
import type { Limits } from './options.ts'
import { Problem, type ProblemType, problemMediaType, problemOf } from './problems.ts'
import { type Gate, requestId } from './requests.ts'
import type { Body, Subject } from './subject.ts'
import { within } from './tracing.ts'
import { Validation } from './validation.ts'
import { type Answer, answerWriter, resolver, type Schema } from './wire.ts'

/** The parts of `openapi.json` that routes are made of. */
export interface Api {
  readonly paths: Readonly<
    Record<
      string,
      {
        readonly post?: {
          readonly parameters: readonly { readonly name: string; readonly schema: Schema }[]
          readonly requestBody: { readonly content: { readonly 'application/json': { readonly schema: Schema } } }
          readonly responses: {
            readonly 200: { readonly content: { readonly 'application/json': { readonly schema: Schema } } }
          }
        }
      }
    >
  >
}

/** What answers a path that asks for no features. */
export interface Page {
  /** Whether anybody may ask. */
  readonly open?: boolean
  readonly scope?: string
  readonly answer: () => Promise<{ readonly status?: number; readonly type: string; readonly text: string }>
}

export interface AppOptions {
  readonly api: Api
  /** By path. */
  readonly subjects: ReadonlyMap<string, Subject>
  readonly pages: Readonly<Record<string, Page>>
  readonly limits: Limits
  readonly gate: Gate
}

/** All that any path takes. */
const methods = ['GET', 'HEAD', 'POST'] as const

const jsonType = 'application/json; charset=utf-8'

export function appOf(options: AppOptions): FastifyInstance {
  const { api, subjects, pages, limits, gate } = options
  const app = fastify({
    logger: false,
    genReqId: requestId,
    requestIdHeader: false,
    bodyLimit: limits.body,
    keepAliveTimeout: limits.idle,
    requestTimeout: limits.request,
    connectionTimeout: limits.idle,
    forceCloseConnections: 'idle',
    // It has until the grace ends.
    return503OnClosing: false,
    exposeHeadRoutes: true,
    http: { headersTimeout: limits.headers, connectionsCheckingInterval: 1_000 },
    clientErrorHandler: refuse,
    frameworkErrors: (error, request, reply) => fail(error, request as FastifyRequest, reply as FastifyReply, gate),
  })
  const validation = new Validation(api)
  const resolve = resolver(api)
  app.removeContentTypeParser('text/plain')
  app.setValidatorCompiler<Schema>(({ schema, httpPart }) => {
    const validate = httpPart === 'body' ? validation.body(schema) : validation.query(schema)
    return data => {
      const problem = validate(data)
      return problem === null ? { value: data } : { error: problem }
    }
  })
  app.setSerializerCompiler<Schema>(({ schema }) => answerWriter(schema, resolve) as (answer: unknown) => string)
  app.setErrorHandler((error, request, reply) => fail(error, request, reply, gate))
  app.setNotFoundHandler((request, reply) => {
    const allowed = methods.filter(method => app.hasRoute({ url: pathOf(request), method }))
    if (allowed.length > 0) reply.header('allow', allowed.join(', '))
    return fail(notFound(request, allowed), request, reply, gate)
  })
  gate.install(app)

  for (const [path, subject] of subjects) {
    const post = api.paths[path]?.post
    if (!post) throw new Error(`openapi.json has no ${path}`)
    const properties = Object.fromEntries(post.parameters.map(({ name, schema }) => [name, schema]))
    app.post<{ Body: Body; Querystring: { detail?: boolean } }>(path, {
      config: { scope: subject.title, subject },
      schema: {
        querystring: { type: 'object', properties, additionalProperties: false },
        body: post.requestBody.content['application/json'].schema,
        response: { 200: post.responses[200].content['application/json'].schema },
      },
      preValidation: (request, _reply, done) => done(tooMany(request.body, limits.entities) ?? undefined),
      handler: async (request, reply) => {
        const { state } = request
        state.started = performance.now()
        const answer = await within(state.traced, () =>
          subject.answer(request.body, request.query.detail === true, state),
        )
        // Here, and not by returning it, so that its time is known.
        const text = reply.serialize(answer satisfies Answer as unknown as Record<string, unknown>)
        state.written = performance.now()
        reply.header('content-type', jsonType)
        return reply.send(text)
      },
    })
  }
  for (const [path, { open = false, scope, answer }] of Object.entries(pages))
    app.get(path, {
      config: { open, ...(scope === undefined ? {} : { scope }) },
      handler: async (_request, reply) => {
        const { status = 200, type, text } = await answer()
        reply.code(status).header('content-type', type).header('cache-control', 'no-store')
        return reply.send(text)
      },
    })
  return app
}

function tooMany(body: unknown, most: number): Problem | null {
  const entities = (body as Body | null)?.entities
  if (!Array.isArray(entities) || entities.length <= most) return null
  return new Problem('entities.too-many', `${entities.length} entities; at most ${most} may be asked for at once`)
}

function fail(error: unknown, request: FastifyRequest, reply: FastifyReply, gate: Gate): FastifyReply {
  const problem = problemOf(error)
  gate.failed(request, problem)
  const { status, retryAfter } = problem.kind
  if (retryAfter !== undefined) reply.header('retry-after', retryAfter)
  if (status === 401) reply.header('www-authenticate', 'Bearer')
  return reply.code(status).header('content-type', problemMediaType).send(problem.document(request.id))
}

function pathOf({ url }: FastifyRequest): string {
  return url.split('?')[0] ?? url
}

function notFound(request: FastifyRequest, allowed: readonly string[]): Problem {
  if (allowed.length > 0) return new Problem('method.not-allowed', `the path takes ${allowed.join(' and ')}`)
  const [, kind] = /^\/v1\/(services|views)\/[^/]*$/.exec(pathOf(request)) ?? []
  const type = kind === undefined ? 'path.unknown' : (`${kind.slice(0, -1)}.unknown` as ProblemType)
  return new Problem(type, kind === undefined ? undefined : 'GET /v1/catalog says what there is')
}

/** What is no HTTP never becomes a request: it is answered on the socket. */
function refuse(error: Error & { code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy()
    return
  }
  const type: ProblemType =
    error.code === 'ERR_HTTP_REQUEST_TIMEOUT'
      ? 'request.too-slow'
      : error.code === 'HPE_HEADER_OVERFLOW'
        ? 'headers.too-large'
        : 'request.malformed'
  const problem = new Problem(type)
  const { status } = problem.kind
  const text = problem.document('none')
  const headers = `content-type: ${problemMediaType}\r\ncontent-length: ${Buffer.byteLength(text)}\r\nconnection: close`
  // Whoever does not close its side is not waited for.
  socket.write(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${headers}\r\n\r\n${text}`)
  socket.destroySoon()
}
