/** Statements that put features beside the rows of `spine`. */
import { trainingStatements } from '../training.ts'
import { render } from './render.ts'
import { identifier, typeName } from './types.ts'

export const { training, inputs, featuresTable, spineColumns } = trainingStatements({ render, identifier, typeName })
