/** A client that a common generator makes of `openapi.json` compiles as strict TypeScript, and its calls are answered. */
import { spawnSync } from 'node:child_process'
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { generateApi } from 'swagger-typescript-api'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { generated, odd, request, withPod } from './project.ts'

const modules = fileURLToPath(new URL('../../node_modules', import.meta.url))

/** What somebody writes who has the client: wrong types would not compile. */
const program = `
import { Api, type Everything } from './client'

export async function use(baseUrl: string): Promise<unknown[]> {
  const api = new Api({ baseUrl })
  const one = await api.v1.getStored({ entity: ${JSON.stringify(odd)} })
  if (!('features' in one.data)) throw new Error('not of one entity')
  const features: Everything = { ...one.data.features }
  const exact: string | null = features.large
  const ratio: number | 'NaN' | 'Infinity' | '-Infinity' | null = features.ratio
  // @ts-expect-error: the request has a type
  const refused = await api.v1.getStored({ entity: { id: '1' } }).catch(problem => problem.error)
  const many = await api.v1.getAsked({ entities: [${JSON.stringify({ ...odd, ...request })}] }, { detail: true })
  if (!('details' in many.data)) throw new Error('not in detail')
  return [exact, ratio, refused.type, refused.errors?.[0]?.pointer, many.data.details[0]?.big_back.value]
}
`

test(
  'a generated client',
  withPod(async pod => {
    const folder = await mkdtemp(join(tmpdir(), 'meridian-client-'))
    try {
      await mkdir(join(folder, 'src'))
      await symlink(modules, join(folder, 'node_modules'))
      await generateApi({
        input: join(await generated(), 'openapi.json'),
        output: join(folder, 'src'),
        fileName: 'client.ts',
        silent: true,
      })
      await writeFile(join(folder, 'src', 'use.ts'), program)
      const tsc = [join(modules, 'typescript', 'bin', 'tsc'), '--strict', '--target', 'ES2022', '--module', 'preserve']
      const options = [
        '--lib',
        'ES2022,DOM,DOM.Iterable',
        '--types',
        'node',
        '--outDir',
        folder,
        '--rootDir',
        join(folder, 'src'),
      ]
      const files = ['client.ts', 'use.ts'].map(name => join(folder, 'src', name))
      const { stdout, status } = spawnSync(process.execPath, [...tsc, ...options, ...files], {
        cwd: folder,
        encoding: 'utf8',
      })
      assert.is(status, 0, stdout)
      await writeFile(join(folder, 'package.json'), '{"type":"commonjs"}')
      const { use } = await import(pathToFileURL(join(folder, 'src', 'use.ts')).href)
      assert.equal(await use(pod.url), [
        '-9223372036854775808',
        'NaN',
        'urn:meridian:argument.missing',
        '/entity/kind',
        '-9223372036854775808',
      ])
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  }),
)

test.run()
