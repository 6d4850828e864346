/** A user's mistake as data: what, where, why, and what to do. Rendering is in render.ts. */

/** A range of characters in a file, for people (line and column from 1) and for tools (offsets from 0). */
export interface Place {
  /** Relative to the project, with forward slashes. */
  readonly file: string
  readonly line: number
  readonly column: number
  readonly start: number
  readonly end: number
}

export interface Related {
  readonly message: string
  readonly place: Place | null
}

export interface Diagnostic {
  /** Dotted: `name.unknown-column`. */
  readonly code: string
  readonly severity: 'error' | 'warning'
  readonly message: string
  /** Short, shown under the underlined characters: "did you mean 'delay'?". */
  readonly label: string | null
  readonly place: Place | null
  readonly related: readonly Related[]
  /** Facts and ways out, one line each: "columns: origin, delay". */
  readonly notes: readonly string[]
}
