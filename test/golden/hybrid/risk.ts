/** What functions use, in a file of its own. */

/** Speeds by class of aircraft, in miles per hour. */
const speeds = new Map([['jet', 500]])
speeds.set('propeller', 300)

/** In minutes. Never more than a day. */
export function bounded(delay: number): number {
  return Math.min(delay, 24 * 60)
}

export const speedOf = (aircraft: string): number => speeds.get(aircraft) ?? 400

/** Nothing uses it. */
export const unused = (): number => speeds.size
