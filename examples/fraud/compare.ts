/** Whether two files of training data say the same. */
type Query = (sql: string) => Promise<Record<string, unknown>[]>

/**
 * The number of values that differ, of rows that are matched by their transaction. Means are summed in other orders by other engines:
 * those of float64 may differ by one part in 10⁹, all others not at all.
 */
export async function differences(query: Query, one: string, other: string): Promise<number> {
  const columns = await query(`DESCRIBE FROM '${one}'`)
  const differs = columns.map(({ column_name: name, column_type: type }) => {
    const exactly = `one.${name} IS DISTINCT FROM other.${name}`
    if (type !== 'DOUBLE') return exactly
    const near = `abs(one.${name} - other.${name}) <= 1e-9 * greatest(abs(one.${name}), abs(other.${name}))`
    return `${exactly} AND NOT coalesce(${near}, FALSE)`
  })
  const [found] = await query(`
    SELECT ${differs.map(condition => `count(*) FILTER (${condition})`).join(' + ')} AS different
    FROM '${one}' AS one
    FULL JOIN '${other}' AS other ON one.transaction_id = other.transaction_id`)
  return Number(found?.different)
}
