/** Another variable of the same name. */
const factor = 3

export const repeated = (word: string): string => word.repeat(factor)
