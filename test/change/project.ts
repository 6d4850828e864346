/** Two builds of one small shop, compared. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { compile } from 'meridian/compiler'
import * as assert from 'uvu/assert'
import type { Change, Plan } from '../../compiler/change/change.ts'
import { planOf } from '../../compiler/change/plan.ts'
import type { Manifest } from '../../runtime/contract.ts'

export const shop = `import { entity, featureService, featureView, source, sql, sqlFeatureView, t } from 'meridian'
export const user = entity('user', { joinKeys: { user_id: t.int64() } })
/** Payments of the shop. */
export const payments = source('payments', {
  columns: {
    user_id: t.int64(), amount: t.decimal(12, 2), items: t.int32(), note: t.string(), paid_at: t.timestamp(), known_at: t.timestamp(),
  },
  eventTimestamp: 'paid_at', createdTimestamp: 'known_at', tieBreak: ['amount'], duckdb: { csv: 'payments.csv' },
})
/** What a user paid. */
export const paid = featureView('paid', {
  entity: user, source: payments, ttl: '7d', refresh: '5m', materialize: true, owner: 'risk', tags: ['money'],
  features: ({ count, last, sum }) => ({
    /** In a day. */
    paid_1d: sum('amount').over('1d'),
    payments_1d: count().over('1d'),
    last_amount: last('amount').default('0.00'),
    last_note: last('note'),
  }),
})
export const totals = featureView('totals', {
  entity: user, source: payments,
  features: ({ max, sum }) => ({ most_items: max('items'), items: sum('items').over('30d') }),
})
export const days = sqlFeatureView('days', {
  entity: user,
  query: sql\`SELECT user_id, paid_at, items AS day_items FROM \${payments}\`,
  eventTimestamp: 'paid_at', tieBreak: ['day_items'], refresh: '1d', materialize: true,
  features: ({ column }) => ({ day_items: column(t.int32()) }),
})
export const model = featureService('model', [paid, totals])
export const other = featureService('other', [days], { owner: 'growth' })
`

const manifests = new Map<string, Promise<Manifest>>()

/** The manifest of definitions that are sound. */
export function manifestOf(text: string): Promise<Manifest> {
  const known = manifests.get(text) ?? build(text)
  manifests.set(text, known)
  return known
}

async function build(text: string): Promise<Manifest> {
  const root = mkdtempSync(join(tmpdir(), 'meridian-change-'))
  try {
    writeFileSync(join(root, 'features.ts'), text)
    // What is compared does not depend on the engine, and one starts sooner than two.
    const options = { root, definitions: 'features.ts', output: 'generated', name: 'shop', dialects: ['duckdb'] }
    const { diagnostics, artefacts } = await compile(options)
    assert.equal(
      diagnostics.map(({ message }) => message),
      [],
    )
    return JSON.parse(artefacts.find(({ path }) => path === 'manifest.json')?.text ?? '') as Manifest
  } finally {
    rmSync(root, { recursive: true })
  }
}

/** The plan of edits to the shop: each text is replaced, everywhere. */
export async function planOfEdits(edits: Readonly<Record<string, string>>): Promise<Plan> {
  return planOf(await manifestOf(shop), await manifestOf(edited(edits)))
}

export function edited(edits: Readonly<Record<string, string>>): string {
  return Object.entries(edits).reduce((text, [from, to]) => {
    assert.ok(text.includes(from), `the shop has ${from}`)
    return text.replaceAll(from, to)
  }, shop)
}

/** A plan in short: 'changed view paid values', then what is said of it, then of its features. */
export function told({ changes }: Plan): string[] {
  return changes.map(change =>
    [heading(change), ...change.reasons, ...change.because.map(cause => `by ${cause}`), ...features(change)].join(
      ' | ',
    ),
  )
}

function heading({ change, kind, name, was, effect }: Change): string {
  return [change, kind, name, was === null ? null : `was ${was}`, effect].filter(part => part !== null).join(' ')
}

function features(change: Change): string[] {
  return change.features.map(({ name, was, change: kind, reasons }) =>
    [kind, name, ...(was === null ? [] : [`was ${was}`]), ...reasons].join(' '),
  )
}

export function breaks({ breaking }: Plan): string[] {
  return breaking.map(({ code, message, of }) => `${code}: ${message} (${of.join(', ')})`)
}
