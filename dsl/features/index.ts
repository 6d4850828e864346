/** The aggregates, one file each. A dialect that lacks the SQL of one does not compile. */
import { avg } from './avg.ts'
import { count } from './count.ts'
import { countDistinct } from './count-distinct.ts'
import { max } from './max.ts'
import { min } from './min.ts'
import { stddev } from './stddev.ts'
import { sum } from './sum.ts'
import { variance } from './variance.ts'

export const aggregates = { count, sum, avg, min, max, stddev, variance, countDistinct } as const

export type AggregateName = keyof typeof aggregates
