/** The relation that says which tick of a view was online when. Statements of materialized views read it. */
import { render } from './render.ts'

export function ticks(which: 'none' | 'recorded'): string {
  return render(`ticks_${which}.sql`, {})
}
