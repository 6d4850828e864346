/** The generated folder: whether it is whole, and this runtime's. */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Manifest } from '../../runtime/contract.ts'
import { type Finding, ok, problem } from './finding.ts'

export interface Artefacts {
  /** Null where it cannot be read by this version. */
  readonly manifest: Manifest | null
  /** The text of a file that is as it was built; null for any other. */
  readonly text: (path: string) => string | null
  readonly findings: readonly Finding[]
}

/** `folder` is absolute; `shown` is how messages name it. */
export function readArtefacts(folder: string, shown: string): Artefacts {
  const manifest = readManifest(folder, shown)
  if ('check' in manifest) return { manifest: null, text: () => null, findings: [manifest] }
  const texts = new Map<string, string>()
  const findings: Finding[] = []
  const paths = Object.keys(manifest.artefacts)
  for (const path of paths) {
    const place = join(shown, path)
    let text: string
    try {
      text = readFileSync(join(folder, path), 'utf8')
    } catch {
      findings.push(problem('artefacts', { what: 'the file is missing', place, fix: 'run meridian build' }))
      continue
    }
    if (createHash('sha256').update(text).digest('hex') === manifest.artefacts[path]) texts.set(path, text)
    else {
      const what = 'the file is not the one that manifest.json lists: it was edited, or belongs to another build'
      findings.push(problem('artefacts', { what, place, fix: 'run meridian build, and deploy the whole folder' }))
    }
  }
  if (findings.length === 0) findings.push(ok('artefacts', `${paths.length} files are as they were built`, shown))
  return { manifest, text: path => texts.get(path) ?? null, findings }
}

function readManifest(folder: string, shown: string): Manifest | Finding {
  const place = join(shown, 'manifest.json')
  let manifest: Manifest
  try {
    manifest = JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8')) as Manifest
  } catch (error) {
    const what = error instanceof SyntaxError ? 'it is no JSON' : 'there is none'
    return problem('artefacts', { what, place, fix: 'run meridian build' })
  }
  const version: number = manifest.manifestVersion
  if (version === 1) return manifest
  const what = `it is of version ${version}, and this runtime reads version 1`
  return problem('artefacts', { what, place, fix: 'build and run with the same version of meridian' })
}
