/** The files of a new project, but for what its build makes. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import { dialects as known } from '../../compiler/dialects/index.ts'
import { templates } from '../../compiler/emit/render.ts'
import { ownPackage } from '../own-package.ts'
import type { Answers } from './answers.ts'
import { end, makeTables, type Table } from './orders.ts'
import { isClassicYarn, type PackageManager } from './package-manager.ts'
import type { Files } from './place.ts'
import { aligned, firstSteps } from './steps.ts'

const template = templates(new URL('templates/', import.meta.url))

/** Where each template goes. */
const places = {
  'README.md': 'README.md',
  'features.ts': 'features.ts',
  'train.ts': 'train.ts',
  'serve.ts': 'serve.ts',
  'model.ts': 'model.ts',
  'features.test.ts': 'test/features.test.ts',
  'features.yml': '.github/workflows/features.yml',
  'meridian.config.ts': 'meridian.config.ts',
  'tsconfig.json': 'tsconfig.json',
  // Under its own name npm would leave it out of the package.
  gitignore: '.gitignore',
}

/** Names the generated store, in which words have an underscore between. */
export const projectName = (name: string): string => name.replaceAll('-', '_')

export async function projectFiles(answers: Answers, manager: PackageManager): Promise<Files> {
  const { name, data, dialects } = answers
  const model = {
    name,
    project: projectName(name),
    data,
    production: dialects.length === known.length,
    only: dialects.length === known.length ? '' : dialects.map(dialect => `'${dialect}'`).join(', '),
    // Who sends back often, and an order that costs more than usual.
    customer: 'C015',
    amount: '90.00',
    end: end.toISOString().replace('.000', ''),
    manager: manager.name,
    yarn: manager.name === 'yarn',
    steps: aligned(firstSteps(manager)),
    corepack: manager.name !== 'npm',
    install: `${manager.name} install`,
    frozen: manager.frozen,
    run: manager.run,
    test: manager.test,
    exec: manager.exec,
    node: process.versions.node.split('.')[0],
  }
  const files = new Map<string, string | Uint8Array>()
  files.set('package.json', packageJson(answers, manager))
  for (const [from, to] of Object.entries(places)) files.set(to, template(from, model))
  if (manager.name === 'pnpm') files.set('pnpm-workspace.yaml', pnpmSettings)
  if (manager.name === 'yarn' && !isClassicYarn(manager.version)) files.set('.yarnrc.yml', 'nodeLinker: node-modules\n')
  for (const table of makeTables())
    files.set(`data/${table.name}.${data}`, data === 'csv' ? table.csv : await toParquet(table))
  return files
}

// It works without the script that pnpm would ask about.
const pnpmSettings = 'allowBuilds:\n  esbuild: false\n'

function packageJson({ name, meridian }: Answers, { name: manager, version }: PackageManager): string {
  const { devDependencies, engines } = ownPackage()
  const ranges = (...names: string[]) => Object.fromEntries(names.map(each => [each, devDependencies[each]]))
  const content = {
    name,
    version: '0.1.0',
    private: true,
    type: 'module',
    engines,
    ...(manager === 'npm' || version === null ? {} : { packageManager: `${manager}@${version}` }),
    scripts: {
      build: 'meridian build',
      check: 'meridian check',
      train: 'tsx train.ts',
      serve: 'tsx serve.ts',
      test: 'node --import tsx --test test/features.test.ts',
      typecheck: 'tsc',
    },
    dependencies: { meridian },
    devDependencies: ranges('@types/node', 'tsx', 'typescript'),
  }
  return `${JSON.stringify(content, null, 2)}\n`
}

async function toParquet({ name, csv, types }: Table): Promise<Uint8Array> {
  const folder = await mkdtemp(join(tmpdir(), 'meridian-init-'))
  const instance = await DuckDBInstance.create()
  const connection = await instance.connect()
  try {
    const [from, to] = [join(folder, `${name}.csv`), join(folder, `${name}.parquet`)]
    await writeFile(from, csv)
    const columns = Object.entries(types).map(([column, type]) => `${column}: '${type}'`)
    const text = (path: string) => `'${path.replaceAll("'", "''")}'`
    await connection.run(
      `COPY (FROM read_csv(${text(from)}, columns = {${columns.join(', ')}})) TO ${text(to)} (FORMAT parquet)`,
    )
    return await readFile(to)
  } finally {
    connection.closeSync()
    instance.closeSync()
    await rm(folder, { recursive: true, force: true })
  }
}
