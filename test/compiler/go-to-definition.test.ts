/** Where an editor goes from what a function reads, by the language service that editors ask. */
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ts } from 'ts-morph'
import { test } from 'uvu'
import * as assert from 'uvu/assert'

test('from what a function reads, an editor goes to the definition of the feature', () => {
  const file = fileURLToPath(new URL('../golden/hybrid/features.ts', import.meta.url))
  const host: ts.LanguageServiceHost = {
    getCompilationSettings: () => ({
      target: ts.ScriptTarget.ES2023,
      module: ts.ModuleKind.NodeNext,
      moduleResolution: ts.ModuleResolutionKind.NodeNext,
      customConditions: ['meridian-source'],
      allowImportingTsExtensions: true,
      noEmit: true,
      strict: true,
      types: [],
    }),
    getScriptFileNames: () => [file],
    getScriptVersion: () => '1',
    getScriptSnapshot: path => {
      const text = ts.sys.readFile(path)
      return text === undefined ? undefined : ts.ScriptSnapshot.fromString(text)
    },
    getCurrentDirectory: () => process.cwd(),
    getDefaultLibFileName: () => join(dirname(fileURLToPath(import.meta.resolve('typescript'))), 'lib.es2023.d.ts'),
    fileExists: ts.sys.fileExists,
    readFile: ts.sys.readFile,
  }
  const service = ts.createLanguageService(host)
  const text = ts.sys.readFile(file) ?? ''
  const goesTo = (use: string, word: string): string => {
    const start = text.indexOf(use)
    assert.ok(start >= 0, use)
    const [found] = service.getDefinitionAtPosition(file, start + use.indexOf(word)) ?? []
    assert.is(found?.fileName, file, use)
    return text.slice(found?.textSpan.start).split('\n')[0] ?? ''
  }
  // Of a view in a role, of picked features, of another function.
  assert.match(goesTo('origin.avg_delay_1d ?? 0', 'avg_delay_1d'), "avg_delay_1d: avg('delay')")
  assert.match(goesTo('destination.landings_2h > origin', 'landings_2h'), 'landings_2h: count()')
  assert.match(goesTo('risk.hours + load', 'hours'), 'hours: feature(')
  assert.match(goesTo('request.distance === 0', 'distance'), 'distance: t.int32()')
})

test.run()
