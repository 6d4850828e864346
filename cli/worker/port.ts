/** The port of a worker: `/healthz` for whoever restarts it, `/metrics` for Prometheus. */
import { createServer, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Observer } from '../../runtime/index.ts'
import { CommandError, exitCodes } from '../exit-codes.ts'
import type { Metrics } from './metrics.ts'

export interface Port {
  readonly observe: Observer
  /** The one it listens on. */
  readonly number: number
  close(): Promise<void>
}

/**
 * Listens on every address of the machine. A worker is healthy until it stops: what it waits for comes back by itself, and
 * starting it anew would not bring it sooner.
 */
export async function openPort(port: number, { text, contentType }: Metrics): Promise<Port> {
  let status: 'working' | 'stopping' = 'working'
  const away = new Set<string>()
  const health = (response: ServerResponse) => {
    const body = { status, waitingFor: [...away].sort() }
    response.writeHead(status === 'working' ? 200 : 503, { 'content-type': 'application/json' })
    response.end(`${JSON.stringify(body)}\n`)
  }
  const answer = async (path: string, response: ServerResponse): Promise<void> => {
    if (path === '/healthz') return health(response)
    if (path !== '/metrics') {
      response.writeHead(404, { 'content-type': 'text/plain' }).end('there are /healthz and /metrics\n')
      return
    }
    const body = await text()
    response.writeHead(200, { 'content-type': contentType }).end(body)
  }
  const server = createServer((request, response) => {
    const [path = ''] = (request.url ?? '').split('?')
    answer(path, response).catch((error: Error) => {
      if (!response.headersSent) response.writeHead(500, { 'content-type': 'text/plain' })
      response.end(`${error.message}\n`)
    })
  })
  await listening(server, port)
  return {
    number: (server.address() as AddressInfo).port,
    observe(event) {
      if (event.kind === 'waiting') away.add(event.for)
      if (event.kind === 'resumed') away.delete(event.for)
      if (event.kind === 'stopping') status = 'stopping'
    },
    close: () =>
      new Promise(resolve => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

function listening(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', error => {
      reject(new CommandError(exitCodes.invocation, `--port ${port}: ${error.message}`))
    })
    server.listen(port, () => resolve())
  })
}
