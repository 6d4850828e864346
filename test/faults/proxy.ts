/** An address that stays while the server behind it is replaced, as that of a managed Redis does. */
import { connect, createServer, type Server, type Socket } from 'node:net'

export class AddressProxy {
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  #target: string

  private constructor(target: string) {
    this.#target = target
    this.#server = createServer(client => {
      const { hostname, port } = new URL(this.#target)
      const upstream = connect(Number(port), hostname)
      for (const [one, other] of [
        [client, upstream],
        [upstream, client],
      ] as const) {
        this.#sockets.add(one)
        one.on('error', () => {})
        one.on('close', () => {
          this.#sockets.delete(one)
          other.destroy()
        })
        one.pipe(other)
      }
    })
  }

  /** `target`: the URL of a server. */
  static async start(target: string): Promise<AddressProxy> {
    const proxy = new AddressProxy(target)
    await new Promise<void>(resolve => proxy.#server.listen(0, '127.0.0.1', resolve))
    return proxy
  }

  get url(): string {
    const address = this.#server.address()
    return `redis://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`
  }

  /** Leads to another server from now on; connections to the one before break. */
  lead(target: string): void {
    this.#target = target
    for (const socket of this.#sockets) socket.destroy()
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    await new Promise(resolve => this.#server.close(resolve))
  }
}
