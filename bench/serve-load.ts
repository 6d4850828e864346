/** Who asks a server over HTTP: connections that each wait for their answer before they ask again. In a process of its own. */
import { spawn } from 'node:child_process'
import { connect } from 'node:net'
import { fileURLToPath } from 'node:url'

export interface LoadOptions {
  readonly url: string
  readonly bodies: readonly string[]
  readonly connections: number
  readonly seconds: number
}

/** Times in milliseconds. Whatever was not answered with 200 is an error. */
export interface Load {
  readonly perSecond: number
  readonly p50: number
  readonly p99: number
}

export function load(options: LoadOptions): Promise<Load> {
  const child = spawn(process.execPath, ['--import', 'tsx', fileURLToPath(import.meta.url)], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
  child.send(options)
  return new Promise((resolve, reject) => {
    child.once('message', message => resolve(message as Load))
    child.once('exit', code => reject(new Error(`who asks ended with ${code}`)))
  })
}

function ask({ url, bodies, connections, seconds }: LoadOptions, done: (load: Load) => void): void {
  const { hostname, port, pathname } = new URL(url)
  const requests = bodies.map(body => {
    const head = `POST ${pathname} HTTP/1.1\r\nhost: ${hostname}\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}`
    return Buffer.from(`${head}\r\n\r\n${body}`)
  })
  const times: number[] = []
  const until = performance.now() + seconds * 1000
  let next = 0
  let open = connections
  for (let index = 0; index < connections; index += 1) {
    const socket = connect({ host: hostname, port: Number(port), noDelay: true })
    let asked = 0
    let expected = -1
    let got = 0
    let head = Buffer.alloc(0)
    const send = () => {
      if (performance.now() >= until) {
        socket.destroy()
        open -= 1
        if (open === 0) finish()
        return
      }
      next = (next + 1) % requests.length
      expected = -1
      got = 0
      head = Buffer.alloc(0)
      asked = performance.now()
      socket.write(requests[next] as Buffer)
    }
    socket.on('connect', send)
    socket.on('error', error => {
      throw error
    })
    socket.on('data', data => {
      if (expected < 0) {
        head = head.length === 0 ? data : Buffer.concat([head, data])
        const end = head.indexOf('\r\n\r\n')
        if (end < 0) return
        const text = head.toString('latin1', 0, end)
        if (!text.startsWith('HTTP/1.1 200')) throw new Error(head.toString())
        expected = Number(/content-length: (\d+)/i.exec(text)?.[1])
        got = head.length - end - 4
      } else got += data.length
      if (got < expected) return
      times.push(performance.now() - asked)
      send()
    })
  }
  const finish = () => {
    times.sort((a, b) => a - b)
    const at = (share: number) => times[Math.floor(times.length * share)] ?? Number.NaN
    done({ perSecond: times.length / seconds, p50: at(0.5), p99: at(0.99) })
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  process.once('message', options => ask(options as LoadOptions, load => process.send?.(load, () => process.exit(0))))
