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

/** Whether there is surely nothing to escape, which is most often so and faster to find out. */
function isPlain(text: string): boolean {
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index)
    // Space to tilde, but for the percent sign, the colon and the braces.
    if (code < 0x20 || code > 0x7e || code === 0x25 || code === 0x3a || code === 0x7b || code === 0x7d) return false
  }
  return true
}

export type KeyValue = boolean | number | bigint | string

/** A join key's value as it stands in a key, with the separator before it. */
export function keyPart(value: KeyValue): string {
  return typeof value === 'string' && !isPlain(value) ? `:${escapePart(value)}` : `:${value}`
}

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
    for (const value of values) key += keyPart(value)
    return key + end
  }
}

/**
 * The same of parts that are written already: `places` says where those of the view are. Null where one of them is, since
 * a null join key matches nothing.
 */
export function keyOfParts(
  entity: string,
  view: string,
  layout: string,
  places: readonly number[],
): (parts: readonly (string | null)[]) => string | null {
  const start = `{${entity}`
  const end = `}:${view}:${layout}`
  return parts => {
    let key = start
    for (let index = 0; index < places.length; index += 1) {
      const part = parts[places[index] as number] as string | null
      if (part === null) return null
      key += part
    }
    return key + end
  }
}
