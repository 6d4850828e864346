/** What one does with a new project first, as the README and the command say it. */
import type { PackageManager } from './package-manager.ts'

export interface Step {
  readonly command: string
  readonly what: string
}

export function firstSteps({ run, test }: Pick<PackageManager, 'run' | 'test'>): readonly Step[] {
  return [
    { command: `${run} train`, what: 'training.parquet, and a model of it' },
    { command: `${run} serve`, what: 'stores features, and asks for those of an order' },
    { command: test, what: 'definitions on a few rows, and that both ways agree' },
    { command: `${run} build`, what: 'after a change of features.ts' },
  ]
}

/** Commands as wide as the widest. */
export function aligned(steps: readonly Step[]): readonly Step[] {
  const width = Math.max(...steps.map(({ command }) => command.length))
  return steps.map(({ command, what }) => ({ command: command.padEnd(width), what }))
}
