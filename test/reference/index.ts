/** The reference evaluator: what every engine must agree with. It shares no code with the compiler or the runtime. */
export type { Literal } from './scalar.ts'
export { type Accuracy, asOf, type Completion, duration, instant, tickAtOrBefore } from './time.ts'
export {
  type Answer,
  type Answers,
  columnsOf,
  featureType,
  type Key,
  keysAt,
  online,
  pointInTime,
  type SourceRow,
  type Status,
  type StoredView,
} from './view.ts'
