/** Keys of stored rows: `{<entity>:<join keys>}:<view>:<layout>`. The braces keep all views of an entity together. */

/**
 * Percent signs, the separators, characters that a terminal would act on, and halves of surrogate pairs, which UTF-8
 * cannot tell apart.
 */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the ones to escape
const special = /[%:{}\u0000-\u001f\u007f-\u009f\p{Surrogate}]/gu

/** Escapes each special character by itself, so that different values never meet. */
function escapePart(text: string): string {
  return text.replace(special, character => `%${character.charCodeAt(0).toString(16).padStart(2, '0').toUpperCase()}`)
}

export type KeyValue = boolean | number | bigint | string

/**
 * A function from join key values, in the entity's order, to the key of a view's row.
 *
 * @example
 * keyOf('airport', 'origin_stats', '118951873d87')(['SEA']) // '{airport:SEA}:origin_stats:118951873d87'
 */
export function keyOf(entity: string, view: string, layout: string): (values: readonly KeyValue[]) => string {
  const start = `{${entity}`
  const end = `}:${view}:${layout}`
  return values => {
    let key = start
    for (const value of values) key += `:${typeof value === 'string' ? escapePart(value) : String(value)}`
    return key + end
  }
}
