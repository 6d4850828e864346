/** `meridian.config.ts`: which definitions are compiled, and where their artefacts go. */
import type { PerDialect } from './definitions.ts'

/** What is compiled into one generated folder. */
export interface Project {
  /** Names the generated store: `flights` makes `FlightsStore`. */
  readonly name: string
  /** The module that exports the definitions, relative to the configuration file. */
  readonly definitions: string
  /** The generated folder, relative to the configuration file. */
  readonly output: string
  /** The SQL dialects to compile for. Default: all, `duckdb` for local mode and `postgres` for production. */
  readonly dialects?: readonly (keyof PerDialect<unknown>)[]
}

/**
 * Types a configuration: one project, or several.
 *
 * @example
 * export default defineConfig({ name: 'flights', definitions: 'features.ts', output: 'generated' })
 */
export function defineConfig(config: Project | readonly Project[]): readonly Project[] {
  return Array.isArray(config) ? (config as readonly Project[]) : [config as Project]
}
