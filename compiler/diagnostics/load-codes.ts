import type { Text } from './text.ts'

/** The definition files could not be read, parsed or evaluated. */
export const loadCodes = {
  'load.no-entry': ({ entry }: { readonly entry: string }): Text => ({
    message: `there is no file "${entry}"`,
    notes: ['the project names it as its entry'],
  }),
  'load.import': ({ problem }: { readonly problem: string }): Text => ({ message: problem }),
  'load.syntax': ({ problem }: { readonly problem: string }): Text => ({ message: problem }),
  'load.evaluation': ({ problem }: { readonly problem: string }): Text => ({
    message: problem,
    label: 'thrown here',
    notes: ['definitions are evaluated when they are compiled, and this threw'],
  }),
  'load.nothing-exported': (_: Readonly<Record<string, never>>): Text => ({
    message: 'no definition is exported',
    notes: ['only exported definitions count: export const originStats = featureView(...)'],
  }),
} as const
