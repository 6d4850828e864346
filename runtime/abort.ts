import { MeridianError } from './errors.ts'

export function aborted(signal: AbortSignal): MeridianError {
  return new MeridianError('aborted', 'the work was aborted', {}, signal.reason)
}
