import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { build } from 'meridian/compiler'
import type { Plans } from '../../compiler/emit/index.ts'
import { moduleText } from './module.ts'
import type { Project } from './project.ts'

/**
 * Builds a project in a folder. Returns what is planned of it.
 *
 * @throws where the build has a diagnostic: the projects have no mistakes.
 */
export async function buildProject(project: Project, folder: string): Promise<Plans> {
  await writeFile(join(folder, 'features.ts'), moduleText(project))
  const { diagnostics, plans } = await build({
    root: folder,
    definitions: 'features.ts',
    output: 'generated',
    name: 'random',
  })
  if (plans) return plans
  throw new Error(
    `${diagnostics.map(({ code, message, notes }) => `${code}: ${message}\n  ${notes.join('\n  ')}`).join('\n')}\n${moduleText(project)}`,
  )
}
