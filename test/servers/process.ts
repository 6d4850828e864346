/** A server as a process: started until it answers, killed, paused, started again. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chownSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { letGo, removeAtTheEnd, watch } from './guard.ts'

export interface User {
  readonly uid: number
  readonly gid: number
}

export interface Program {
  readonly command: string
  readonly args: readonly string[]
  readonly folder: string
  readonly user?: User | undefined
  /** What ends it at once and leaves nothing behind. */
  readonly signal: 'TERM' | 'QUIT'
  /** Throws until it answers. */
  readonly probe: () => Promise<void>
}

export class ServerProcess {
  readonly #program: Program
  #child: ChildProcess | undefined

  constructor(program: Program) {
    this.#program = program
  }

  /** @throws with the end of the server's log, if it ends or does not answer in time. */
  async start(): Promise<void> {
    const { command, args, folder, user, signal, probe } = this.#program
    const log = openSync(join(folder, 'log'), 'a')
    const child = spawn(command, args, { cwd: folder, detached: true, stdio: ['ignore', log, log], ...user })
    child.unref()
    await once(child, 'spawn')
    watch(child.pid as number, signal)
    this.#child = child
    const until = Date.now() + 30_000
    for (;;) {
      if (child.exitCode !== null || child.signalCode !== null) break
      try {
        return await probe()
      } catch (error) {
        if (Date.now() > until) throw error
        await sleep(20)
      }
    }
    letGo(child.pid as number)
    this.#child = undefined
    const end = readFileSync(join(folder, 'log'), 'utf8').trimEnd().split('\n').slice(-5).join('\n')
    throw new Error(`${command} did not start:\n${end}`)
  }

  async kill(): Promise<void> {
    await this.#end('SIGKILL')
  }

  async stop(): Promise<void> {
    await this.#end(this.#program.signal === 'QUIT' ? 'SIGQUIT' : 'SIGTERM')
    rmSync(this.#program.folder, { recursive: true, force: true })
  }

  pause(): void {
    this.#signal('SIGSTOP')
  }

  resume(): void {
    this.#signal('SIGCONT')
  }

  async restart(): Promise<void> {
    await this.kill()
    // Postgres does not start before the last process of the one before is gone.
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.start()
      } catch (error) {
        if (attempt === 20) throw error
        await sleep(50)
      }
    }
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child
    if (!child) return
    this.#child = undefined
    // Only now may the tests wait for it.
    child.ref()
    const exited = child.exitCode !== null || child.signalCode !== null ? null : once(child, 'exit')
    const pids = signal === 'SIGKILL' ? family(child.pid as number) : [child.pid as number]
    for (const pid of pids) send(pid, signal)
    for (const pid of family(child.pid as number)) send(pid, 'SIGCONT')
    await exited
    letGo(child.pid as number)
  }

  #signal(signal: NodeJS.Signals): void {
    if (!this.#child) throw new Error('the server does not run')
    // The parent first: it starts no more children then.
    for (const pid of family(this.#child.pid as number)) send(pid, signal)
    for (const pid of family(this.#child.pid as number)) send(pid, signal)
  }
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

/** A process and its children. Those of Postgres each have a process group of their own. */
function family(pid: number): number[] {
  const { stdout } = spawnSync('ps', ['-A', '-o', 'pid=,ppid='], { encoding: 'utf8' })
  const children = stdout
    .trim()
    .split('\n')
    .map(line => line.trim().split(/\s+/).map(Number))
    .filter(([, parent]) => parent === pid)
  return [pid, ...children.map(([child]) => child as number)]
}

/** A folder that is removed at the end of this process, if not before. */
export function serverFolder(name: string, user?: User): string {
  const folder = mkdtempSync(join(tmpdir(), `meridian-${name}-`))
  removeAtTheEnd(folder)
  if (user) chownSync(folder, user.uid, user.gid)
  return folder
}

/**
 * A port that is free, and so is the one 10,000 above, where a node of a Redis Cluster listens too. Both lie below the ports that
 * Linux gives to outgoing connections, which could otherwise take the place of a server that was killed.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = 10_000 + Math.floor(Math.random() * 12_000)
    if ((await isFree(port)) && (await isFree(port + 10_000))) return port
  }
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer()
  const free = new Promise<boolean>(resolve => {
    server.once('error', () => resolve(false))
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
  })
  return free
}

/** Starts on a free port; on another one if someone else took it meanwhile. */
export async function startOnFreePort(program: (port: number) => Program): Promise<[ServerProcess, number]> {
  for (let attempt = 1; ; attempt += 1) {
    const port = await freePort()
    const server = new ServerProcess(program(port))
    try {
      await server.start()
      return [server, port]
    } catch (error) {
      if (attempt === 3) throw error
    }
  }
}
