import type { Text } from './text.ts'

const parts = { feature_view: 'features', feature_service: 'views', entity: 'join keys', source: 'columns' } as const

/** Definitions that say too little, or ask for what this version does not do. */
export const definitionCodes = {
  'definition.empty': ({ kind, name }: { readonly kind: keyof typeof parts; readonly name: string }): Text => ({
    message: `${kind.split('_').at(-1)} "${name}" has no ${parts[kind]}`,
  }),
  'definition.incomplete': ({ title, part }: { readonly title: string; readonly part: string }): Text => ({
    message: `${title} has no valid ${part}`,
    notes: ['it is missing, or not yet defined where it is used'],
  }),
  'definition.invalid': (p: { readonly title: string; readonly part: string; readonly expected: string }): Text => ({
    message: `${p.title} has no valid ${p.part}`,
    notes: [`expected ${p.expected}`],
  }),
} as const
