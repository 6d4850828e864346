/** Projects for benchmarks, built into a folder of their own. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { build } from 'meridian/compiler'

/** Writes the definitions and builds them; returns the generated folder. */
export async function buildProject(name: string, definitions: string): Promise<string> {
  const root = join('data', 'bench', name)
  mkdirSync(root, { recursive: true })
  writeFileSync(join(root, 'features.ts'), definitions)
  const { diagnostics } = await build({ root, name, definitions: 'features.ts', output: 'generated' })
  if (diagnostics.length > 0) throw new Error(diagnostics.map(({ message }) => message).join('\n'))
  return join(root, 'generated')
}
