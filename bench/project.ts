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

/** The same in a script whose variants are started again: it builds before them, and they find what it built. */
export function builtOnce(name: string, definitions: string): Promise<string> {
  const isVariant = process.argv[2] !== undefined
  return isVariant ? Promise.resolve(join('data', 'bench', name, 'generated')) : buildProject(name, definitions)
}
