import { sha256 } from '../catalog/fingerprint.ts'

/** A file of the build: its path in the generated folder, with forward slashes, and its whole text. */
export interface Artefact {
  readonly path: string
  readonly text: string
}

export interface HashedArtefact extends Artefact {
  /** Of its text, in hex. */
  readonly sha256: string
}

/**
 * With its hash, which is taken once and at once: it also makes one piece of a text that was rendered in hundreds, which would
 * otherwise all be kept until the end.
 */
export function hashed({ path, text }: Artefact): HashedArtefact {
  return { path, text, sha256: sha256(text) }
}
