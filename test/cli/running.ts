/** A command that goes on, with what it prints. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import * as assert from 'uvu/assert'
import type { Workspace } from './command.ts'

export type Log = Readonly<Record<string, unknown>>

let running: ChildProcess[] = []

export function endAll(): void {
  for (const child of running) child.kill('SIGKILL')
  running = []
}

/** A running command. */
export class Running {
  readonly child: ChildProcess
  /** Of stderr. */
  readonly lines: string[] = []
  /** Of stdout. */
  readonly out: string[] = []

  constructor({ folder }: Workspace, env: Readonly<Record<string, string>>, ...args: readonly string[]) {
    const main = fileURLToPath(new URL('../../cli/main.ts', import.meta.url))
    const node = ['--import', import.meta.resolve('tsx'), '-C', 'meridian-source', main]
    this.child = spawn(process.execPath, [...node, ...args], {
      cwd: folder,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    running.push(this.child)
    createInterface({ input: this.child.stderr as NodeJS.ReadableStream }).on('line', line => this.lines.push(line))
    createInterface({ input: this.child.stdout as NodeJS.ReadableStream }).on('line', line => this.out.push(line))
  }

  get logs(): Log[] {
    return this.lines.filter(line => line.startsWith('{')).map(line => JSON.parse(line) as Log)
  }

  async until<T>(what: string, find: () => T | undefined): Promise<T> {
    for (const until = Date.now() + 20_000; ; await sleep(50)) {
      const found = find()
      if (found !== undefined) return found
      assert.ok(Date.now() < until, `${what} did not come: ${this.lines.slice(-5).join('\n')}`)
      assert.is(this.child.exitCode, null, `it ended: ${this.lines.join('\n')}`)
    }
  }

  logged(event: string, view?: string): Promise<Log> {
    return this.until(event, () =>
      this.logs.find(log => log.event === event && (view === undefined || log.view === view)),
    )
  }

  async stop(): Promise<number | null> {
    this.child.kill('SIGTERM')
    const [code] = (await once(this.child, 'exit')) as [number | null]
    return code
  }
}
