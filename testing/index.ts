/** 'meridian/testing': what definitions make of a few rows, without a build or a store. */
export { type Evaluation, evaluate, type Rows, rows, type SourceRows } from './evaluate.ts'
