/** The aggregates over values that are not null. */
import type { AggregateName, ValueType } from '../../dsl/index.ts'
import { compare, fitting, type Scalar, toFloat } from './scalar.ts'

export interface Typed {
  readonly type: ValueType
  readonly value: Scalar
}

const count: ValueType = { type: 'int64', as: 'number' }
const float64: ValueType = { type: 'float64' }

export function aggregateType(name: AggregateName, argument: ValueType | null): ValueType {
  switch (name) {
    case 'count':
    case 'countDistinct':
      return count
    case 'avg':
    case 'stddev':
    case 'variance':
      return float64
    case 'min':
    case 'max':
      return argument!
    case 'sum':
      if (argument!.type === 'float64') return float64
      if (argument!.type === 'decimal') return { type: 'decimal', precision: 38, scale: argument!.scale }
      return { type: 'int64', as: argument!.type === 'int64' ? argument!.as : 'number' }
    default:
      return name satisfies never
  }
}

/** `values` has no nulls; for the count of rows it holds one value for each row, whatever it is. */
export function aggregate(name: AggregateName, values: readonly Scalar[], argument: ValueType | null): Typed {
  const type = aggregateType(name, argument)
  return { type, value: compute(name, values, argument, type) }
}

function compute(name: AggregateName, values: readonly Scalar[], argument: ValueType | null, type: ValueType): Scalar {
  switch (name) {
    case 'count':
      return BigInt(values.length)
    case 'countDistinct':
      return BigInt(
        values.filter((value, index) => values.findIndex(other => compare(value, other) === 0) === index).length,
      )
    case 'sum':
      if (values.length === 0) return null
      return argument!.type === 'float64' ? floatSum(values as number[]) : fitting(exactSum(values as bigint[]), type)
    case 'avg':
      if (values.length === 0) return null
      if (argument!.type === 'float64') return floatSum(values as number[]) / values.length
      return toFloat(exactSum(values as bigint[]), argument!) / values.length
    case 'min':
      return values.length === 0 ? null : values.reduce((least, value) => (compare(value, least) < 0 ? value : least))
    case 'max':
      return values.length === 0 ? null : values.reduce((most, value) => (compare(value, most) > 0 ? value : most))
    case 'variance':
      return variance(values, argument!)
    case 'stddev': {
      const squared = variance(values, argument!)
      return squared === null ? null : Math.sqrt(squared)
    }
    default:
      return name satisfies never
  }
}

const floatSum = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0)
const exactSum = (values: readonly bigint[]): bigint => values.reduce((sum, value) => sum + value, 0n)

/** Of the sample. NaN where a value is not finite. */
function variance(values: readonly Scalar[], type: ValueType): number | null {
  if (values.length < 2) return null
  const floats = values.map(value => toFloat(value, type))
  if (!floats.every(Number.isFinite)) return Number.NaN
  const mean = floatSum(floats) / floats.length
  return floatSum(floats.map(value => (value - mean) ** 2)) / (floats.length - 1)
}
