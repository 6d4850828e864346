/** The versions of what runs here. */
import { type Finding, ok, problem } from './finding.ts'

const oldestNode = 20

/** `version` is Node's own spelling: 'v20.11.1'. */
export function nodeFinding(version: string): Finding {
  const major = Number(/^v(\d+)/.exec(version)?.[1] ?? 0)
  if (major >= oldestNode) return ok('node.version', version.slice(1))
  const what = `Node ${oldestNode} or later is needed, and this is ${version.slice(1)}`
  return problem('node.version', { what, fix: `install Node ${oldestNode} or later` })
}
