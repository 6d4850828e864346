/** A file of the build: its path in the generated folder, with forward slashes, and its whole text. */
export interface Artefact {
  readonly path: string
  readonly text: string
}
