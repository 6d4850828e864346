/** Pods as processes, as they run in production, and a load balancer before them. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../..', import.meta.url))
const tsx = import.meta.resolve('tsx')

export interface PodProcess {
  readonly child: ChildProcess
  readonly url: string
  /** All that it wrote. */
  readonly output: () => string
  /** SIGTERM, and its exit code. */
  end(): Promise<number | null>
}

/** The command; it is over when the process ends, and `url` is told when it listens. */
export function command(args: readonly string[], env: Readonly<Record<string, string>>) {
  const node = ['--import', tsx, '-C', 'meridian-source', `${root}cli/main.ts`, ...args]
  const child = spawn(process.execPath, node, {
    cwd: root,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', text => {
      output += text
    })
  return { child, output: () => output }
}

export async function startPod(args: readonly string[], env: Readonly<Record<string, string>>): Promise<PodProcess> {
  const { child, output } = command(['serve', ...args, '--port', '0'], env)
  for (let url: string | undefined; ; await sleep(20)) {
    url = /"url":"(http:[^"]+)"/.exec(output())?.[1]
    if (url)
      return {
        child,
        url,
        output,
        end: async () => {
          const exited = once(child, 'exit')
          child.kill('SIGTERM')
          return (await exited)[0] as number | null
        },
      }
    if (child.exitCode !== null) throw new Error(`the pod ended: ${output()}`)
  }
}

/** Sends requests to pods that say they are ready, in turn. */
export class Balancer {
  readonly #pods = new Map<string, boolean>()
  #next = 0
  #watching: Promise<void> | null = null
  #ended = false

  add(url: string): void {
    this.#pods.set(url, false)
    this.#watching ??= this.#watch()
  }

  remove(url: string): void {
    this.#pods.delete(url)
  }

  /** Of one that is ready; where none is, of any, as load balancers do. */
  pick(): string {
    const all = [...this.#pods.keys()]
    const ready = all.filter(url => this.#pods.get(url))
    const some = ready.length > 0 ? ready : all
    this.#next += 1
    return some[this.#next % some.length] as string
  }

  async end(): Promise<void> {
    this.#ended = true
    await this.#watching
  }

  async #watch(): Promise<void> {
    while (!this.#ended) {
      await Promise.all(
        [...this.#pods.keys()].map(async url => {
          const ready = await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(1_500) })
            .then(({ ok }) => ok)
            .catch(() => false)
          if (this.#pods.has(url)) this.#pods.set(url, ready)
        }),
      )
      await sleep(50)
    }
  }
}
