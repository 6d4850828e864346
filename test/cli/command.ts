/** The command as a process of its own, in a project that lies outside of this repository. */
import { spawn } from 'node:child_process'
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'meridian/compiler'
import * as assert from 'uvu/assert'

const main = fileURLToPath(new URL('../../cli/main.ts', import.meta.url))
const tsx = import.meta.resolve('tsx')

export interface Outcome {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** A folder with a project. */
export interface Workspace {
  readonly folder: string
  /** Runs the command there, or in a folder of it. */
  readonly meridian: (args: readonly string[], options?: RunOptions) => Promise<Outcome>
}

export interface RunOptions {
  /** Relative to the project. */
  readonly in?: string
  readonly env?: Readonly<Record<string, string>>
}

function run(args: readonly string[], folder: string, env: Readonly<Record<string, string>> = {}): Promise<Outcome> {
  const child = spawn(process.execPath, ['--import', tsx, '-C', 'meridian-source', main, ...args], {
    cwd: folder,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let stdout = ''
  let stderr = ''
  child.stdout.setEncoding('utf8').on('data', text => {
    stdout += text
  })
  child.stderr.setEncoding('utf8').on('data', text => {
    stderr += text
  })
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', code => resolve({ code, stdout, stderr }))
  })
}

export const config = `import { defineConfig } from 'meridian'
export default defineConfig({ name: 'shop', definitions: 'features.ts', output: 'generated' })
`

export function definitions(view = 'order_stats', column = 'amount'): string {
  return `import { entity, featureService, featureView, source, t } from 'meridian'
export const customer = entity('customer', { joinKeys: { customer: t.int64(), vip: t.boolean() } })
export const orders = source('orders', {
  columns: { customer: t.int64(), vip: t.boolean(), amount: t.int64(), ordered_at: t.timestamp() },
  eventTimestamp: 'ordered_at', tieBreak: ['amount'], duckdb: { csv: 'orders.csv' },
})
/** What a customer ordered lately. */
export const orderStats = featureView('${view}', {
  entity: customer, source: orders, ttl: '1d', refresh: '5m', materialize: true,
  features: ({ avg, count, last, sum }) => ({
    orders_1h: count().over('1h'),
    amount_1h: sum('${column}').over('1h'),
    mean_1h: avg('amount').over('1h'),
    last_amount: last('amount'),
  }),
})
export const orderDays = featureView('order_days', {
  entity: customer, source: orders,
  features: ({ count }) => ({ orders_1d: count().over('1d') }),
})
export const shopping = featureService('shopping', [orderStats, orderDays])
`
}

export const orders = `customer,vip,amount,ordered_at
1,true,10,2001-06-15 12:00:00
1,true,9007199254740993,2001-06-15 12:10:00
2,false,5,2001-06-15 12:00:00
`

export const project: Readonly<Record<string, string>> = {
  'meridian.config.ts': config,
  'features.ts': definitions(),
  'orders.csv': orders,
}

/** Runs `work` in a new project of these files, and removes it. */
export function withProject(
  work: (workspace: Workspace) => Promise<void>,
  files: Readonly<Record<string, string>> = project,
): () => Promise<void> {
  return async () => {
    const folder = await mkdtemp(join(tmpdir(), 'meridian-cli-'))
    try {
      for (const [path, text] of Object.entries(files)) {
        await mkdir(dirname(join(folder, path)), { recursive: true })
        await writeFile(join(folder, path), text)
      }
      await work({
        folder,
        meridian: (args, options = {}) => run(args, join(folder, options.in ?? '.'), options.env),
      })
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  }
}

/** The same, built: in this process, which is sooner done than by the command. */
export function withBuiltProject(
  work: (workspace: Workspace) => Promise<void>,
  files: Readonly<Record<string, string>> = project,
): () => Promise<void> {
  return withProject(async workspace => {
    const options = { root: workspace.folder, definitions: 'features.ts', output: 'generated', name: 'shop' }
    assert.equal((await build(options)).diagnostics, [])
    await work(workspace)
  }, files)
}

/** Files below a folder, as paths from there, sorted. */
export async function filesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  return entries
    .filter(entry => !entry.isDirectory())
    .map(entry => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort()
}
