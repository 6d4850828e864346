/** The database file of local mode, for each verb that reads sources. */
import { Option } from 'commander'

export function duckdbOption(): Option {
  return new Option('--duckdb <file>', 'database file with the tables that sources are bound to')
}
