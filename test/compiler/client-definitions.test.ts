/** Where an editor goes from the generated client, and what it shows there, by the server that editors talk to. */
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'meridian/compiler'
import { ts } from 'ts-morph'
import { test } from 'uvu'
import * as assert from 'uvu/assert'

const data = fileURLToPath(new URL('../../data/', import.meta.url))
const golden = (file: string) => readFile(new URL(`../golden/hybrid/${file}`, import.meta.url), 'utf8')

const libraries = new URL(
  `../../node_modules/@typescript/typescript-${process.platform}-${process.arch}/lib/`,
  import.meta.url,
)

const application = `import { connect } from './generated/index.ts'
const store = await connect()
const { avg_delay_1d } = await store.airportStats.get({ airport: 'SEA' })
const all = await store.flights.get({ origin: 'SEA', destination: 'SFO', carrier_id: 1, distance: 1, aircraft: 'jet' })
console.log(all.origin_landings_2h, all.hours, avg_delay_1d)
`

/** Its own, so that this repository's is not taken for it. */
const tsconfig = JSON.stringify({
  compilerOptions: {
    target: 'es2023',
    module: 'nodenext',
    customConditions: ['meridian-source'],
    allowImportingTsExtensions: true,
    noEmit: true,
    strict: true,
    types: [],
  },
  files: ['application.ts'],
})

interface Location {
  readonly line: number
  readonly offset: number
}

/** An editor with a file open. */
class Editor {
  readonly #session: ts.server.Session
  readonly #file: string
  readonly #text: string

  constructor(file: string, text: string) {
    const logger: ts.server.Logger = {
      close() {},
      hasLevel: () => false,
      loggingEnabled: () => false,
      perftrc() {},
      info() {},
      startGroup() {},
      endGroup() {},
      msg() {},
      getLogFileName: () => undefined,
    }
    const nothing = { close() {} }
    this.#session = new ts.server.Session({
      host: {
        ...ts.sys,
        // The libraries of the language lie beside the compiler.
        getExecutingFilePath: () => fileURLToPath(new URL('tsserver.js', libraries)),
        // The answer to what opens a file, which has none to wait for.
        write() {},
        watchFile: () => nothing,
        watchDirectory: () => nothing,
        setTimeout: () => 0,
        clearTimeout() {},
        setImmediate: () => 0,
        clearImmediate() {},
      } as ts.server.ServerHost,
      cancellationToken: ts.server.nullCancellationToken,
      useSingleInferredProject: true,
      useInferredProjectPerProjectRoot: false,
      typingsInstaller: ts.server.nullTypingsInstaller,
      byteLength: Buffer.byteLength,
      hrtime: process.hrtime,
      logger,
      canUseEvents: false,
    })
    this.#file = file
    this.#text = text
    this.#ask('open', { file, fileContent: text })
  }

  #ask(command: string, given: object): unknown {
    return this.#session.executeCommand({ seq: 0, type: 'request', command, arguments: given } as never).response
  }

  #at(word: string): { file: string } & Location {
    const start = this.#text.indexOf(word)
    assert.ok(start >= 0, word)
    const before = this.#text.slice(0, start).split('\n')
    return { file: this.#file, line: before.length, offset: (before.at(-1) ?? '').length + 1 }
  }

  /** The file and the rest of the line that it goes to. */
  async goesTo(word: string): Promise<string[]> {
    const found = this.#ask('definition', this.#at(word)) as readonly { file: string; start: Location }[]
    return Promise.all(
      found.map(async ({ file, start }) => {
        const line = (await readFile(file, 'utf8')).split('\n')[start.line - 1] ?? ''
        return `${file.slice(data.length).split('/').slice(1).join('/')}: ${line.slice(start.offset - 1)}`
      }),
    )
  }

  shows(word: string): string {
    const { displayString, documentation } = this.#ask('quickinfo', this.#at(word)) as Record<string, unknown>
    const text = Array.isArray(documentation) ? documentation.map(({ text }) => text).join('') : documentation
    return `${displayString}\n${text}`
  }
}

test('from a getter and from a feature, an editor goes to the definition, and shows what it is', async () => {
  // Below this package, whose name the definitions import.
  await mkdir(data, { recursive: true })
  const root = await mkdtemp(join(data, 'editor-'))
  try {
    const project = { root, definitions: 'features.ts', output: 'generated', name: 'hybrid' }
    await writeFile(join(root, 'tsconfig.json'), tsconfig)
    await writeFile(join(root, 'risk.ts'), await golden('risk.ts'))
    await writeFile(join(root, 'features.ts'), await golden('features.ts'))
    assert.equal((await build(project)).diagnostics, [])
    const file = join(root, 'application.ts')
    await writeFile(file, application)
    const editor = new Editor(file, application)
    assert.equal(await editor.goesTo('airportStats.get'), [
      "features.ts: airportStats = featureView('airport_stats', {",
    ])
    assert.equal(await editor.goesTo('flights.get'), ["features.ts: flights = featureService('flights', ["])
    assert.equal(await editor.goesTo('avg_delay_1d }'), ["features.ts: avg_delay_1d: avg('delay').over('1d'),"])
    assert.equal(await editor.goesTo('origin_landings_2h'), ["features.ts: landings_2h: count().over('2h'),"])
    assert.equal(await editor.goesTo('hours'), [
      'features.ts: hours: feature(t.float64(), ({ request }) => request.distance / speedOf(request.aircraft)).default(0),',
    ])
    // A key is no feature: of it the client itself tells.
    assert.match((await editor.goesTo("airport: 'SEA'"))[0] ?? '', 'generated/client/airport_stats.d.ts: airport')

    const feature = editor.shows('avg_delay_1d }')
    assert.match(feature, 'number | null')
    assert.match(feature, 'avg delay over 1d')
    assert.match(feature, 'float64 of airport, materialized every 5m')
    const getter = editor.shows('airportStats.get')
    assert.match(getter, 'FeatureView<AirportStatsKeys, AirportStats>')
    assert.match(getter, 'How an airport has been doing.')
    assert.match(getter, 'Of airport; materialized every 5m; ttl 7d.')

    // An edit above touches no file of the build, and editors find the new lines.
    await writeFile(join(root, 'features.ts'), `// A line more.\n${await golden('features.ts')}`)
    assert.equal((await build(project)).changes, [])
    assert.equal(await new Editor(file, application).goesTo('avg_delay_1d }'), [
      "features.ts: avg_delay_1d: avg('delay').over('1d'),",
    ])
    // Without maps they stay in the client.
    await rm(join(root, '.meridian'), { recursive: true })
    const [without] = await new Editor(file, application).goesTo('avg_delay_1d }')
    assert.match(without ?? '', 'generated/client/airport_stats.d.ts: avg_delay_1d: number | null')
  } finally {
    await rm(root, { recursive: true })
  }
})

test.run()
