/**
 * Synthetic card payments, the same for the same seed: 200,000 attempts of 5,000 users at 400 merchants in 60 days. One in a
 * hundred is a thief's, who tries twenty small payments of one stolen card within minutes, from one device, at many merchants.
 * Nobody's real payments look like this; they only have the shape of some.
 */
import { mkdirSync } from 'node:fs'
import { DuckDBInstance } from '@duckdb/node-api'

export const folder = 'data/fraud'
export const tables = ['transactions', 'chargebacks', 'labels'] as const

/** A number from 0 to 1 that looks random and follows from the seed, a number and what it is for. */
const chance = (seed: number, number: string, purpose: number) =>
  `(hash(${number}, ${seed}, ${purpose}) % 1000003 / 1000003.0)`

/** Writes the Parquet files: transactions, chargebacks, and for each transaction whether it was fraud. */
export async function makeData(seed = 7, rows = 200_000): Promise<void> {
  mkdirSync(folder, { recursive: true })
  const instance = await DuckDBInstance.create()
  const connection = await instance.connect()
  const each = (purpose: number) => chance(seed, 'n', purpose)
  // What the twenty attempts of a thief have in common.
  const together = (purpose: number) => chance(seed, 'CASE WHEN thief THEN -burst ELSE n END', purpose)
  await connection.run(`
    CREATE TABLE attempts AS
    SELECT
      n AS transaction_id,
      thief,
      -- Few users pay often, most pay seldom.
      floor(5000 * pow(${together(1)}, 2))::BIGINT AS user_id,
      'm' || lpad(floor(400 * pow(${each(2)}, 3))::INTEGER::VARCHAR, 3, '0') AS merchant_id,
      CASE WHEN thief THEN 'd-stolen-' || (burst % 40) ELSE 'd' || floor(5000 * pow(${together(1)}, 2))::INTEGER END AS device_id,
      round(CASE WHEN thief THEN 1 + 20 * ${each(3)} ELSE 3 + 120 * pow(${each(3)}, 4) END, 2)::DECIMAL(12, 2) AS amount,
      CASE WHEN ${each(4)} < (CASE WHEN thief THEN 0.6 ELSE 0.04 END) THEN 'declined' ELSE 'approved' END AS status,
      TIMESTAMP '2026-01-01' + to_microseconds(
        (${together(5)} * 5183000000000 + CASE WHEN thief THEN ${each(7)} * 900000000 ELSE 0 END)::BIGINT
      ) AS attempted_at
    FROM (
      SELECT n, n // 20 AS burst, ${chance(seed, 'n // 20', 6)} < 0.01 AS thief
      FROM range(${rows}) AS numbers(n)
    )`)
  const select = {
    transactions: 'SELECT * EXCLUDE (thief) FROM attempts ORDER BY attempted_at, transaction_id',
    // The bank says so one to five weeks later.
    chargebacks: `
      SELECT transaction_id, merchant_id, amount, attempted_at AS paid_at,
        attempted_at + to_microseconds(((7 + 28 * (hash(transaction_id, ${seed}, 8) % 1009 / 1009.0)) * 86400000000)::BIGINT) AS reported_at
      FROM attempts
      WHERE thief AND status = 'approved'
      ORDER BY reported_at, transaction_id`,
    labels: `
      SELECT user_id, merchant_id, device_id, amount, attempted_at AS event_timestamp, transaction_id, thief AS fraud
      FROM attempts
      WHERE attempted_at >= TIMESTAMP '2026-02-15'
      ORDER BY attempted_at, transaction_id`,
  } as const
  for (const table of tables)
    await connection.run(`COPY (${select[table]}) TO '${folder}/${table}.parquet' (FORMAT parquet)`)
  connection.closeSync()
  instance.closeSync()
}
