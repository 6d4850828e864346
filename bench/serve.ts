/**
 * A pod over HTTP against bare node:http and bare Fastify, which answer the same bytes after the same read of Redis: a service of 20
 * features, asked for one entity and for a hundred at a time, by 50 connections.
 *
 * Each server is a process of its own, and so is whoever asks.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import { fastify } from 'fastify'
import { Redis } from 'ioredis'
import { Pod } from 'meridian/serve'
import { ownPostgresServer } from '../test/servers.ts'
import { median } from './measure.ts'
import { at, benchServer, entities, openStore, project, rowKeys, scattered } from './redis.ts'
import { type Load, load } from './serve-load.ts'

const view = 'numbers_20'
const path = `/v1/views/${view}`
const connections = 50
const seconds = Number(process.env.MERIDIAN_BENCH_SECONDS ?? 4)
const runs = Number(process.env.MERIDIAN_BENCH_RUNS ?? 5)
const folder = await project('serve', [{ mix: 'numbers', count: 20 }])

/** The API's own way to ask. */
function bodyOf(numbers: readonly number[]): string {
  const all = numbers.map(number => ({ user_id: String(number) }))
  return JSON.stringify(all.length === 1 ? { entity: all[0] } : { entities: all })
}

/** Of what is installed (dist/), with its log. No read asks Postgres. */
async function openPod(): Promise<Pod> {
  const postgres = { url: process.env.MERIDIAN_BENCH_POSTGRES_URL as string }
  const redis = { url: await benchServer(), readTimeout: 1_000 }
  return Pod.open({ folder, port: 0, connect: { environment: 'production', now: () => at, postgres, redis } })
}

interface Asked {
  readonly entity?: { readonly user_id: string }
  readonly entities?: readonly { readonly user_id: string }[]
}

/** What is left of it: the rows are read, and what was answered of them once is answered again. */
async function bareAnswers() {
  const store = await openStore(folder)
  const keys = rowKeys(store, view)
  const pod = await openPod()
  const texts: string[] = []
  for (let start = 0; start < entities; start += 1_000) {
    const numbers = Array.from({ length: 1_000 }, (_, index) => start + index)
    const response = await fetch(`${pod.url}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: bodyOf(numbers),
    })
    // The text of each entity, byte for byte.
    const text = await response.text()
    texts.push(...text.slice('{"entities":['.length, -']}'.length).split(/(?<=\}),(?=\{)/))
  }
  const redis = new Redis(await benchServer())
  return async ({ entity, entities: many }: Asked): Promise<string> => {
    if (entity) {
      const number = Number(entity.user_id)
      await redis.getBuffer(keys[number] as string)
      return `{"features":${texts[number]}}`
    }
    const numbers = (many ?? []).map(one => Number(one.user_id))
    await redis.mgetBuffer(...numbers.map(number => keys[number] as string))
    return `{"entities":[${numbers.map(number => texts[number]).join(',')}]}`
  }
}

const servers: Readonly<Record<string, () => Promise<string>>> = {
  pod: async () => (await openPod()).url,
  fastify: async () => {
    const answer = await bareAnswers()
    const app = fastify()
    app.post(path, async (request, reply) => {
      const text = await answer(request.body as Asked)
      return reply.header('content-type', 'application/json; charset=utf-8').send(text)
    })
    return app.listen({ port: 0, host: '127.0.0.1' })
  },
  node: async () => {
    const answer = await bareAnswers()
    const server: Server = createServer((request, response) => {
      const parts: Buffer[] = []
      request.on('data', part => parts.push(part))
      request.on('end', async () => {
        const text = await answer(JSON.parse(Buffer.concat(parts).toString()) as Asked)
        response.writeHead(200, {
          'content-type': 'application/json; charset=utf-8',
          'content-length': Buffer.byteLength(text),
        })
        response.end(text)
      })
    })
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  },
}

const chosen = process.argv[2]
if (chosen !== undefined) {
  const url = await (servers[chosen] as () => Promise<string>)()
  process.send?.(url)
  process.on('message', () => process.send?.({ ...process.cpuUsage(), rss: process.memoryUsage.rss() }))
  process.once('disconnect', () => process.exit(0))
} else {
  await benchServer()
  process.env.MERIDIAN_BENCH_POSTGRES_URL = (await ownPostgresServer()).url
  const store = await openStore(folder)
  await store.materialize(undefined, { at })
  await store.close()
  if (process.env.MERIDIAN_BENCH_MINUTES) await memory(Number(process.env.MERIDIAN_BENCH_MINUTES))
  else for (const asked of [1, 100]) await compare(asked)
  process.exit(0)
}

async function started(
  name: string,
): Promise<{ child: ChildProcess; url: string; usage: () => Promise<{ cpu: number; rss: number }> }> {
  const child = spawn(
    process.execPath,
    ['--import', 'tsx', fileURLToPath(import.meta.url), name],
    // The log of a pod is written, to where it costs nothing to keep it.
    { stdio: ['ignore', 'ignore', 'ignore', 'ipc'] },
  )
  const next = <T>() => new Promise<T>(resolve => child.once('message', message => resolve(message as T)))
  const url = await next<string>()
  const usage = async () => {
    const told = next<NodeJS.CpuUsage & { readonly rss: number }>()
    child.send('usage')
    const { user, system, rss } = await told
    return { cpu: user + system, rss }
  }
  return { child, url, usage }
}

/** Resident memory of a pod, minute by minute. */
async function memory(minutes: number): Promise<void> {
  const { child, url, usage } = await started('pod')
  for (let minute = 0; minute <= minutes; minute += 1) {
    console.log(`after ${minute} minutes: ${((await usage()).rss / 1e6).toFixed(0)} MB`)
    if (minute === minutes) break
    const { perSecond } = await load({ url: `${url}${path}`, bodies: bodiesOf(1), connections, seconds: 60 })
    console.log(`  ${perSecond.toFixed(0)} requests a second`)
  }
  child.kill('SIGKILL')
}

function bodiesOf(asked: number): string[] {
  const numbers = scattered(entities, entities)
  return Array.from({ length: 1_000 }, (_, index) =>
    bodyOf(Array.from({ length: asked }, (_, entity) => numbers[(index * asked + entity) % entities] as number)),
  )
}

async function compare(asked: number): Promise<void> {
  const bodies = bodiesOf(asked)
  const all: Record<string, (Load & { readonly cpu: number })[]> = { pod: [], fastify: [], node: [] }
  for (let run = 0; run < runs; run += 1)
    for (const name of Object.keys(servers)) {
      const { child, url, usage } = await started(name)
      await load({ url: `${url}${path}`, bodies, connections, seconds: 2 })
      const before = await usage()
      const measured = await load({ url: `${url}${path}`, bodies, connections, seconds })
      const used = (await usage()).cpu - before.cpu
      all[name]?.push({ ...measured, cpu: used / (measured.perSecond * seconds) })
      child.kill('SIGKILL')
    }
  console.log(`\n20 features, one Redis read, ${asked} entities a request, ${connections} connections`)
  for (const [name, loads] of Object.entries(all)) {
    const of = (fact: 'perSecond' | 'p50' | 'p99' | 'cpu') => median(loads.map(one => one[fact]))
    const ratio = median(loads.map((one, run) => (all.pod?.[run]?.perSecond ?? 0) / one.perSecond))
    console.log(
      `  ${name.padEnd(8)} ${of('perSecond').toFixed(0).padStart(7)} requests a second, p50 ${of('p50').toFixed(2)} ms, p99 ${of('p99').toFixed(2)} ms, ` +
        `its processor ${of('cpu').toFixed(1)} us a request   pod x ${ratio.toFixed(2)}`,
    )
  }
}
