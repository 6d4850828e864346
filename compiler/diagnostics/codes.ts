/**
 * Every diagnostic by its code. `diagnostic` is the only way to make one, so that a code always comes with what it
 * must be told, and always says the same.
 */

import { definitionCodes } from './definition-codes.ts'
import type { Diagnostic, Place, Related } from './diagnostic.ts'
import { loadCodes } from './load-codes.ts'
import { nameCodes } from './name-codes.ts'
import { onDemandCodes } from './on-demand-codes.ts'
import { sqlCodes } from './sql-codes.ts'
import type { Text } from './text.ts'
import { timeCodes } from './time-codes.ts'
import { typeCodes } from './type-codes.ts'

export const codes = {
  ...loadCodes,
  ...nameCodes,
  ...typeCodes,
  ...timeCodes,
  ...definitionCodes,
  ...onDemandCodes,
  ...sqlCodes,
} as const

export type Code = keyof typeof codes
export type ParametersOf<C extends Code> = Parameters<(typeof codes)[C]>[0]

/**
 * An error of the given code.
 *
 * @example
 * diagnostic('load.no-entry', { entry: 'features.ts' }, null)
 */
export function diagnostic<C extends Code>(
  code: C,
  parameters: ParametersOf<C>,
  place: Place | null,
  related: readonly Related[] = [],
): Diagnostic {
  const text = (codes[code] as (parameters: ParametersOf<C>) => Text)(parameters)
  return {
    code,
    severity: 'error',
    message: text.message,
    label: text.label ?? null,
    place,
    related,
    notes: text.notes ?? [],
  }
}
