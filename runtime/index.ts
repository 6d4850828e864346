/** 'meridian/runtime': what generated clients import. */
export { type ConnectOptions, connect } from './connect.ts'
export type * from './contract.ts'
export { type ErrorCode, MeridianError } from './errors.ts'
export {
  type Detailed,
  FeatureService,
  FeatureView,
  type MaterializeOptions,
  OnDemandFeatureView,
  type TrainingRow,
} from './handles.ts'
export type { Instant } from './instant.ts'
export type { Materialized } from './materialize.ts'
export type { DuckDBOptions } from './offline/duckdb.ts'
export type { Progress, Spine, SpineRow } from './offline/engine.ts'
export type { PostgresOptions } from './offline/postgres.ts'
export { type Inspection, TrainingData, type TrainingDataOptions, type Written } from './offline/training-data.ts'
export type { Origin, Status } from './online/read.ts'
export type { RedisOptions } from './online/redis.ts'
export type { GetOptions } from './retrieve.ts'
export { connectStatus, type OpenStatus } from './schedule/connect-status.ts'
export type { Observer, RefreshEvent } from './schedule/events.ts'
export { type Refreshing, type RefreshOptions, type StopOptions, workerName } from './schedule/refreshing.ts'
export type { ViewState, ViewStatus } from './schedule/status.ts'
export { Store } from './store.ts'

/** What a feature of type json holds. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json }
