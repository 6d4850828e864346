import type { Text } from './text.ts'

/** Values of another type than their place asks for. Types are in words: 'decimal(12, 2)'. */
export const typeCodes = {
  'type.expression': ({ problem }: { readonly problem: string }): Text => ({ message: problem }),
  'type.aggregate-argument': (p: {
    readonly aggregate: string
    readonly accepted: string
    /** Null where there is no argument. */
    readonly actual: string | null
  }): Text => ({
    message:
      p.actual === null
        ? `${p.aggregate} needs ${p.accepted} to work on`
        : `${p.aggregate} takes ${p.accepted}, not ${p.actual}`,
    label: p.actual === null ? 'name a column' : `this is ${p.actual}`,
  }),
  'type.where-not-boolean': ({ actual }: { readonly actual: string }): Text => ({
    message: `the condition of where is ${actual}, not boolean`,
    notes: ["compare it with something: row.status.eq('declined')"],
  }),
  'type.default': (p: { readonly value: string; readonly feature: string; readonly type: string }): Text => ({
    message: `${p.value} cannot be the default of feature "${p.feature}", which is ${p.type}`,
    notes: defaultNotes(p.type),
  }),
  'type.join-key': (p: {
    readonly joinKey: string
    readonly entity: string
    readonly problem:
      | { readonly kind: 'missing'; readonly source: string; readonly columns: readonly string[] }
      | { readonly kind: 'other-type'; readonly declared: string; readonly owner: string; readonly actual: string }
      | { readonly kind: 'not-a-key-type'; readonly actual: string }
  }): Text => {
    const key = `join key "${p.joinKey}" of entity "${p.entity}"`
    switch (p.problem.kind) {
      case 'missing':
        return {
          message: `source "${p.problem.source}" has no column for ${key}`,
          notes: [`columns: ${p.problem.columns.join(', ')}`, `name the column: joinKeys: { ${p.joinKey}: '...' }`],
        }
      case 'other-type':
        return { message: `${key} is ${p.problem.declared}, but ${p.problem.owner} is ${p.problem.actual}` }
      case 'not-a-key-type':
        return {
          message: `${key} is ${p.problem.actual}, which cannot be a key`,
          notes: ['a join key is boolean, int32, int64 or string: their equality is the same everywhere'],
        }
      default:
        return p.problem satisfies never
    }
  },
  'type.request': (p: {
    readonly name: string
    readonly view: string
    readonly declared: string
    readonly other: string
    readonly actual: string
  }): Text => ({
    message: `request column "${p.name}" of view "${p.view}" is ${p.declared}, but view "${p.other}" takes it as ${p.actual}`,
    notes: ['one value is given for both: an int64 is a bigint for both, or a number'],
  }),
  'type.ratio': ({
    part,
    problem,
  }: {
    readonly part: 'numerator' | 'denominator'
    readonly problem: string
  }): Text => ({
    message: `the ${part} of ratio ${problem}`,
    notes: ['a ratio divides one aggregate that is a number by another: ratio(sum(...), count())'],
  }),
  'type.tie-break': ({ column, type }: { readonly column: string; readonly type: string }): Text => ({
    message: `tieBreak column "${column}" is ${type}, which has no order`,
  }),
  'type.decimal-range': ({ owner, type }: { readonly owner: string; readonly type: string }): Text => ({
    message: `${owner} is ${type}, which no engine can hold`,
    notes: ['a decimal has 1 to 38 digits, and at most that many after the point: t.decimal(12, 2)'],
  }),
  'type.vector-dimensions': (p: { readonly owner: string; readonly type: string; readonly most: number }): Text => ({
    message: `${p.owner} is ${p.type}, which is no length a vector can have`,
    notes: [`a vector has 1 to ${p.most} dimensions`],
  }),
} as const

function defaultNotes(type: string): readonly string[] {
  if (type.startsWith('decimal')) return ["write a decimal as text with no more digits than its type: '0.00'"]
  if (/^(bytes|json|list|vector)/.test(type)) return [`${type} has no constants, so it cannot have a default`]
  return []
}
