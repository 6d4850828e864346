/** Views that are due every second or so, over events whose values anybody can compute; and workers as processes of their own. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, rmSync } from 'node:fs'
import { mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { build } from 'meridian/compiler'
import { connect, type Manifest, type RefreshEvent, type Store, type ViewManifest } from 'meridian/runtime'
import pg from 'pg'
import * as assert from 'uvu/assert'
import { RedisStore } from '../../runtime/online/redis.ts'

export interface ViewSpec {
  readonly name: string
  /** Seconds, both. */
  readonly refresh: number
  readonly window: number
}

interface Event {
  readonly key: number
  readonly amount: number
  /** Microseconds. */
  readonly at: number
}

/** What crosses from a worker's process: dates and errors are text. */
export type Told = { readonly kind: RefreshEvent['kind'] | 'ready' } & Readonly<
  Record<string, string | number | boolean>
>

export const keys = Array.from({ length: 20 }, (_, index) => ({ key: BigInt(index) }))

const patient = { readTimeout: 2000, writeTimeout: 4000, connectTimeout: 1000 }

export class RefreshProject {
  readonly folder: string
  readonly views: readonly ViewSpec[]
  readonly #postgres: string
  readonly #redis: string
  readonly #events: ReadonlyMap<number, readonly Event[]>
  #logs = 0
  #online: Promise<RedisStore> | undefined
  #manifest: Manifest | undefined

  private constructor(
    folder: string,
    views: readonly ViewSpec[],
    urls: { postgres: string; redis: string },
    events: ReadonlyMap<number, readonly Event[]>,
  ) {
    this.folder = folder
    this.views = views
    this.#postgres = urls.postgres
    this.#redis = urls.redis
    this.#events = events
  }

  /** Makes a table of events from a minute ago to `seconds` from now: those to come are there already, and not visible yet. */
  static async make(views: readonly ViewSpec[], seconds: number, urls: { postgres: string; redis: string }) {
    const events = eventsUntil(seconds)
    const client = new pg.Client(urls.postgres)
    await client.connect()
    await client.query('DROP TABLE IF EXISTS events; CREATE TABLE events (key BIGINT, amount BIGINT, at TIMESTAMP)')
    const all = [...events.values()].flat()
    const columns = [all.map(row => row.key), all.map(row => row.amount), all.map(row => row.at)]
    await client.query(
      `INSERT INTO events SELECT key, amount, TIMESTAMP 'epoch' + at * INTERVAL '1 microsecond'
       FROM unnest($1::bigint[], $2::bigint[], $3::bigint[]) AS e(key, amount, at)`,
      columns,
    )
    await client.query('CREATE INDEX ON events (at); CREATE INDEX ON events (key, at); ANALYZE events')
    await client.end()
    const folder = await mkdtemp(join(tmpdir(), 'meridian-refresh-'))
    process.on('exit', () => rmSync(folder, { recursive: true, force: true }))
    await writeFile(join(folder, 'features.ts'), featuresOf(views))
    const options = { root: folder, definitions: 'features.ts', output: 'generated', name: 'events' }
    assert.equal((await build(options)).diagnostics, [])
    return new RefreshProject(folder, views, urls, events)
  }

  connect(): Promise<Store> {
    return connect(join(this.folder, 'generated'), {
      environment: 'production',
      postgres: { url: this.#postgres, connectTimeout: 2000 },
      redis: { url: this.#redis, ...patient },
    })
  }

  /** Starts a worker. */
  async worker(options: Omit<WorkerOptions, 'generated' | 'log'> = {}): Promise<WorkerProcess> {
    this.#logs += 1
    const log = join(this.folder, `rows-${this.#logs}`)
    await writeFile(log, '')
    const urls = { MERIDIAN_POSTGRES_URL: this.#postgres, MERIDIAN_REDIS_URL: this.#redis }
    return WorkerProcess.start({ ...options, generated: join(this.folder, 'generated'), log }, urls)
  }

  /** What the features of a key are at a tick, in microseconds: `[events, amount, last]`. */
  valuesAt({ window }: ViewSpec, key: number, tick: number): [number, bigint | null, bigint | null] {
    const visible = (this.#events.get(key) ?? []).filter(({ at }) => at <= tick)
    const inside = visible.filter(({ at }) => at > tick - window * 1e6)
    const sum = inside.length === 0 ? null : BigInt(inside.reduce((total, { amount }) => total + amount, 0))
    const last = visible.at(-1)
    return [inside.length, sum, last ? BigInt(last.amount) : null]
  }

  /** The tick that is recorded as completed, in milliseconds. */
  async completed(view: string): Promise<number | null> {
    this.#online ??= RedisStore.open({ url: this.#redis, ...patient })
    this.#manifest ??= JSON.parse(readFileSync(join(this.folder, 'generated', 'manifest.json'), 'utf8')) as Manifest
    const { fingerprint } = (this.#manifest.views[view] as ViewManifest).layout
    const completed = await (await this.#online).completedTick(view, fingerprint)
    return completed && Number(completed.tick / 1000n)
  }

  async close(): Promise<void> {
    await (await this.#online)?.close()
  }

  /** Checks every stored value of a view against what it is at the tick it was stored at. The oldest and newest of these ticks. */
  async check(store: Store, view: ViewSpec): Promise<{ readonly oldest: number; readonly newest: number }> {
    const rows = await store.view(view.name).getMany(keys, { status: true })
    const ticks = rows.map((row, key) => {
      const tick = row.events?.tick?.getTime()
      assert.ok(tick !== undefined, `${view.name} has no row of key ${key}`)
      const values = [row.events?.value, row.amount?.value, row.last?.value]
      assert.equal(values, this.valuesAt(view, key, (tick as number) * 1000), `${view.name}, key ${key}, tick ${tick}`)
      return tick as number
    })
    return { oldest: Math.min(...ticks), newest: Math.max(...ticks) }
  }

  /** Checks that whoever wrote a row at a tick wrote the same bytes. Says how many rows were written by more than one. */
  checkWrites(): { readonly rows: number; readonly twice: number } {
    const written = new Map<string, { readonly hash: string; readonly log: number }>()
    let twice = 0
    for (let log = 1; log <= this.#logs; log += 1) {
      // A process that was killed may have left half a line.
      const lines = readFileSync(join(this.folder, `rows-${log}`), 'utf8')
        .split('\n')
        .slice(0, -1)
      for (const line of lines) {
        const at = line.lastIndexOf(' ')
        const [row, hash] = [line.slice(0, at), line.slice(at + 1)]
        const before = written.get(row)
        assert.is(before?.hash ?? hash, hash, `two workers differ: ${row}`)
        if (before && before.log !== log) twice += 1
        written.set(row, { hash, log })
      }
    }
    return { rows: written.size, twice }
  }
}

function eventsUntil(seconds: number): Map<number, Event[]> {
  const start = Date.now() - 60_000
  return new Map(
    keys.map((_, key) => {
      // So that there is a row of each key, whatever the tick.
      const events: Event[] = [{ key, amount: key, at: (start - 3 * 86_400_000) * 1000 }]
      for (let at = start; at < start + (seconds + 60) * 1000; at += 200 + Math.random() * 2500)
        events.push({ key, amount: Math.floor(Math.random() * 1000), at: Math.floor(at * 1000) })
      return [key, events]
    }),
  )
}

const featuresOf = (views: readonly ViewSpec[]) => `
import { entity, featureView, source, t } from 'meridian'
export const thing = entity('thing', { joinKeys: { key: t.int64() } })
export const events = source('events', {
  columns: { key: t.int64(), amount: t.int64(), at: t.timestamp() }, eventTimestamp: 'at', tieBreak: ['amount'],
})
${views
  .map(
    ({ name, refresh, window }) => `
export const ${name} = featureView('${name}', {
  entity: thing, source: events, refresh: '${refresh}s', materialize: true,
  features: ({ count, last, sum }) => ({
    events: count().over('${window}s'), amount: sum('amount').over('${window}s'), last: last('amount'),
  }),
})`,
  )
  .join('')}
`

export interface WorkerOptions {
  readonly generated: string
  readonly log: string
  readonly concurrency?: number
  /** Milliseconds. */
  readonly lease?: number
  readonly grace?: number
  /** Milliseconds that the process's clock is wrong. */
  readonly skew?: number
}

/** `meridian worker` for tests: tells what happens, and notes what it writes. */
export class WorkerProcess {
  readonly child: ChildProcess
  readonly told: Told[] = []
  readonly ended: Promise<unknown>
  #changed: () => void = () => {}

  private constructor(child: ChildProcess) {
    this.child = child
    this.ended = once(child, 'exit')
    createInterface({ input: child.stdout as NodeJS.ReadableStream }).on('line', line => {
      this.told.push(JSON.parse(line) as Told)
      this.#changed()
    })
  }

  static async start(options: WorkerOptions, env: Readonly<Record<string, string>>): Promise<WorkerProcess> {
    const script = fileURLToPath(new URL('refresh-process.ts', import.meta.url))
    const args = ['--import', 'tsx', '-C', 'meridian-source', script, JSON.stringify(options)]
    const child = spawn(process.execPath, args, {
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const end = () => child.kill('SIGKILL')
    process.on('exit', end)
    child.on('exit', () => process.off('exit', end))
    const worker = new WorkerProcess(child)
    await worker.until('ready')
    return worker
  }

  /** Waits until something is told, from now on or before. */
  async until(
    kind: Told['kind'],
    matching: (told: Told) => boolean = () => true,
    milliseconds = 30_000,
  ): Promise<Told> {
    const deadline = Date.now() + milliseconds
    for (let seen = 0; ; ) {
      for (; seen < this.told.length; seen += 1) {
        const told = this.told[seen] as Told
        if (told.kind === kind && matching(told)) return told
      }
      const left = deadline - Date.now()
      const last = this.told.slice(-3).map(each => JSON.stringify(each))
      assert.ok(left > 0, `no ${kind} was told; the last were ${last.join(' ')}`)
      assert.is(this.child.exitCode ?? this.child.signalCode, null, `the worker ended; the last were ${last.join(' ')}`)
      await Promise.race([sleep(Math.min(left, 200)), new Promise<void>(resolve => (this.#changed = resolve))])
    }
  }

  /** Waits until it is in the midst of a tick of a view, which something keeps from ending; says which. */
  async inTheMidst(view: string): Promise<string> {
    for (const until = Date.now() + 15_000; ; await sleep(50)) {
      const last = this.#lastStarted(view)
      await sleep(200)
      if (last !== null && last === this.#lastStarted(view)) return last
      assert.ok(Date.now() < until, `no tick of ${view} runs`)
    }
  }

  #lastStarted(view: string): string | null {
    const last = this.told.findLast(told => told.view === view && String(told.kind).startsWith('tick.'))
    return last?.kind === 'tick.started' ? String(last.tick) : null
  }

  /** What was told since then of this kind. */
  of(kind: Told['kind'], since = 0): Told[] {
    return this.told.slice(since).filter(told => told.kind === kind)
  }

  pause(): void {
    this.child.kill('SIGSTOP')
  }

  resume(): void {
    this.child.kill('SIGCONT')
  }

  async kill(): Promise<void> {
    this.child.kill('SIGKILL')
    await this.ended
  }

  /** Asks it to stop; its exit code and signal. */
  async stop(): Promise<unknown> {
    this.child.kill('SIGTERM')
    return this.ended
  }
}
