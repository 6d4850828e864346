/**
 * What tests import as `uvu`: the same, for errors that its reporter cannot print. It takes `details` for text to split and
 * fails on anything else, as on the data of a MeridianError; the file's other tests then count as failed.
 */
import { inspect } from 'node:util'
import * as uvu from '../node_modules/uvu/dist/index.mjs'

export const exec = uvu.exec
export const test = printable(uvu.test)
export const suite = (...args) => printable(uvu.suite(...args))

function printable(original) {
  const test = (name, handler) => original(name, guarded(handler))
  const hook = add => handler => add(guarded(handler))
  return Object.assign(test, {
    only: (name, handler) => original.only(name, guarded(handler)),
    skip: original.skip,
    run: original.run,
    before: Object.assign(hook(original.before), { each: hook(original.before.each) }),
    after: Object.assign(hook(original.after), { each: hook(original.after.each) }),
  })
}

function guarded(handler) {
  return async state => {
    try {
      await handler(state)
    } catch (error) {
      throw shown(error)
    }
  }
}

/** What the reporter reads of an error is text, or not there. */
function shown(error) {
  if (!(error instanceof Error)) return new Error(`thrown: ${inspect(error)}`)
  const isText = value => !value || typeof value === 'string'
  if (isText(error.details) && isText(error.operator)) return error
  const copy = new Error(error.message, { cause: error })
  const { code, details, cause } = error
  copy.stack = error.stack
  copy.details = inspect({ code, details, ...(cause === undefined ? {} : { cause }) }, { depth: 4, breakLength: 100 })
  return copy
}
