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
  'name.unknown-option': (p: {
    /** What should have it: 'view "origin_stats"'. */
    readonly owner: string
    readonly option: string
    readonly options: readonly string[]
  }): Text => unknownName(`${p.owner} has no option "${p.option}"`, p.option, 'options', p.options),
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
          : name.toLowerCase() === 'default'
            ? 'the module of functions has its default export beside one for each view'
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
  'name.unknown-feature': (p: {
    readonly view: string
    readonly feature: string
    readonly features: readonly string[]
  }): Text => unknownName(`view "${p.view}" has no feature "${p.feature}"`, p.feature, 'features', p.features),
  'name.nothing-picked': ({
    view,
    features,
  }: {
    readonly view: string
    readonly features: readonly string[]
  }): Text => ({
    message: `nothing is picked of view "${view}"`,
    label: 'name a feature',
    notes: [`features: ${features.join(', ')}`],
  }),
  'name.picked-twice': ({ view, feature }: { readonly view: string; readonly feature: string }): Text => ({
    message: `feature "${feature}" of view "${view}" is picked twice`,
    label: 'picked before',
  }),
  'name.alias-of-computed': ({ view }: { readonly view: string }): Text => ({
    message: `view "${view}" is computed on demand, so it has no alias`,
    notes: ['give the views that it reads their aliases, and the on-demand view another name'],
  }),
  'name.alias-too-long': (p: { readonly view: string; readonly alias: string; readonly length: number }): Text => ({
    message: `"${p.alias}" is too long an alias of view "${p.view}": "${p.view}__${p.alias}" has ${p.length} characters`,
    notes: ['that is the name of a table, which has at most 46'],
  }),
  'name.alias-twice': ({ view, alias }: { readonly view: string; readonly alias: string }): Text => ({
    message: `alias "${alias}" of view "${view}" stands for two things`,
    label: 'other join keys than before',
    notes: ['an alias of a view means the same join keys everywhere, since statements and tables are named by it'],
  }),
  'name.input-too-long': (p: { readonly input: string; readonly feature: string; readonly most: number }): Text => ({
    message: `"${p.input}__${p.feature}", the column of a feature of input "${p.input}", has more than ${p.most} characters`,
    label: 'give it a shorter name',
  }),
  'name.argument-collision': (
    p: Named & { readonly user: string; readonly view: string; readonly other: Named & { readonly view: string } },
  ): Text => ({
    message: `in ${p.user}, ${p.what} "${p.name}" of view "${p.view}" has the name of ${p.other.what} "${p.other.name}" of view "${p.other.view}"`,
    notes: ['callers give join keys and request data by name, side by side'],
  }),
  'name.client-collision': (p: Named & { readonly property: string; readonly other: string }): Text => ({
    message: `${p.what} "${p.name}" would be "${p.property}" in the client, which is the name of ${p.other}`,
    label: 'give it another name',
  }),
} as const

function article(what: string): string {
  return `${/^[aeiou]/.test(what) ? 'an' : 'a'} ${what}`
}
