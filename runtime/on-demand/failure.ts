/** Features whose functions failed: each spoils itself and what reads it, and nothing else. */
import { MeridianError } from '../errors.ts'

/** In the place of a value. */
export class Failure {
  readonly error: MeridianError

  constructor(error: MeridianError) {
    this.error = error
  }
}

export function failedFeature(view: string, feature: string, cause: unknown): MeridianError {
  const problem = cause instanceof Error ? cause.message : String(cause)
  const details = { view, feature, problem }
  return new MeridianError('feature.failed', `feature "${feature}" of "${view}" failed: ${problem}`, details, cause)
}

/** Sets a feature; one that failed throws its error to whoever reads it, also to who copies or serialises the object. */
export function set(into: Record<string, unknown>, name: string, value: unknown): void {
  if (!(value instanceof Failure)) {
    into[name] = value
    return
  }
  const { error } = value
  Object.defineProperty(into, name, {
    enumerable: true,
    configurable: true,
    get() {
      throw error
    },
  })
}

/** Features that a function is given. */
export function readable<T extends Record<string, unknown>>(features: T): T {
  for (const name in features) if (features[name] instanceof Failure) set(features, name, features[name])
  return features
}
