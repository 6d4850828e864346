import type { ViewOptions } from '../../dsl/index.ts'
import { parseDuration, parseOffset } from '../catalog/duration.ts'
import { formatDuration } from '../catalog/format-duration.ts'
import { literalText } from './expression.ts'
import type { Subject } from './subject.ts'

/** Reports durations that are none. */
export function checkDuration(
  subject: Subject,
  option: string,
  text: string | null,
  path: readonly string[],
  mayBeZero = false,
): void {
  if (text === null || (mayBeZero ? parseOffset(text) : parseDuration(text)) !== null) return
  subject.report('time.invalid-duration', { option, text: literalText(text), mayBeZero }, path)
}

/** How old stored values may be, against how old they are where all is well. */
function checkFreshness(subject: Subject, view: string, { freshness, refresh, delay, materialize }: ViewOptions): void {
  checkDuration(subject, 'freshness', freshness, ['freshness'])
  const length = freshness === null ? null : parseDuration(freshness)
  if (length === null) return
  if (!materialize) subject.report('time.freshness-without-materialize', { view }, ['freshness'])
  const every = refresh === null ? null : parseDuration(refresh)
  const late = parseOffset(delay ?? '0s')
  if (!materialize || every === null || late === null || length >= every + late) return
  const least = formatDuration(every + late)
  subject.report('time.freshness-too-short', { view, least, delayed: late > 0 }, ['freshness'])
}

/** Durations and ticks of a view. */
export function checkViewOptions(subject: Subject, view: string, options: ViewOptions): void {
  checkDuration(subject, 'ttl', options.ttl, ['ttl'])
  checkDuration(subject, 'refresh', options.refresh, ['refresh'])
  checkDuration(subject, 'offset', options.offset, ['offset'], true)
  checkDuration(subject, 'delay', options.delay, ['delay'], true)
  checkFreshness(subject, view, options)
  if (options.refresh !== null) return
  if (options.materialize) subject.report('time.materialize-without-refresh', { view }, ['materialize'])
  // With `materialize` the missing refresh is already reported.
  else if (options.offset !== null) subject.report('time.ticks-without-refresh', { view, option: 'offset' }, ['offset'])
  else if (options.delay !== null) subject.report('time.ticks-without-refresh', { view, option: 'delay' }, ['delay'])
}
