import { type Text, unknownName } from './text.ts'

export interface Named {
  /** What it is the name of: 'feature view', 'join key'. */
  readonly what: string
  readonly name: string
}

/** Names that mean nothing, or two things. */
export const nameCodes = {
  'name.unknown-column': (p: {
    /** What should have it: 'source "landings"'. */
    readonly owner: string
    readonly column: string
    readonly columns: readonly string[]
  }): Text => unknownName(`${p.owner} has no column "${p.column}"`, p.column, 'columns', p.columns),
  'name.unknown-join-key': (p: {
    readonly entity: string
    readonly joinKey: string
    readonly joinKeys: readonly string[]
  }): Text => unknownName(`entity "${p.entity}" has no join key "${p.joinKey}"`, p.joinKey, 'join keys', p.joinKeys),
  'name.duplicate': ({ what, name, other }: Named & { readonly other: Named }): Text => ({
    message:
      name === other.name
        ? `${what} "${name}" has the name of ${article(other.what)}`
        : `${what} "${name}" has the name of ${article(other.what)}, "${other.name}", but for the case of its letters`,
    label: 'give it another name',
    notes: name === other.name ? [] : ['SQL does not tell upper case from lower case in names'],
  }),
  'name.invalid': ({ what, name }: Named): Text => ({
    message: `"${name}" cannot be the name of ${article(what)}`,
    notes: ['a name is a letter and then at most 45 letters, digits and underscores'],
  }),
  'name.reserved': ({ what, name }: Named): Text => ({
    message: `"${name}" cannot be the name of ${article(what)}: it is reserved`,
    notes: [
      name.includes('__')
        ? 'names with two underscores in a row are those of columns that Meridian adds'
        : name.toLowerCase() === 'event_timestamp'
          ? 'event_timestamp is the column of a spine that says when its row happened'
          : 'spine and keys are the tables by which statements are asked',
    ],
  }),
  'name.not-exported': ({ what, name, user }: Named & { readonly user: string }): Text => ({
    message: `${user} uses ${what} "${name}", which is not exported`,
    notes: ['only what the entry files export is compiled: put `export` before its `const`'],
  }),
  'name.listed-twice': ({ service, view }: { readonly service: string; readonly view: string }): Text => ({
    message: `service "${service}" lists view "${view}" twice`,
    label: 'listed before',
  }),
  'name.collision-in-service': (p: {
    readonly service: string
    readonly name: string
    readonly view: string
    /** What it collides with: 'a feature of view "origin_stats"'. */
    readonly other: string
  }): Text => ({
    message: `in service "${p.service}", feature "${p.name}" of view "${p.view}" has the name of ${p.other}`,
    label: `has a feature "${p.name}"`,
    notes: ['a service returns the features of its views side by side, so their names must differ'],
  }),
  'name.client-collision': (p: Named & { readonly property: string; readonly other: string }): Text => ({
    message: `${p.what} "${p.name}" would be "${p.property}" in the client, which is the name of ${p.other}`,
    label: 'give it another name',
  }),
} as const

function article(what: string): string {
  return `${/^[aeiou]/.test(what) ? 'an' : 'a'} ${what}`
}
