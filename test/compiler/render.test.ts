import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { diagnostic } from '../../compiler/diagnostics/codes.ts'
import { renderGithub, renderJson } from '../../compiler/diagnostics/formats.ts'
import { inOrder } from '../../compiler/diagnostics/order.ts'
import { placeAt } from '../../compiler/diagnostics/place.ts'
import { plain, render } from '../../compiler/diagnostics/render.ts'
import { nearest } from '../../compiler/diagnostics/suggest.ts'

const text = "// 🛬\r\n\tavg_delay: avg('dely'),\r\n"
const place = placeAt('features.ts', text, text.indexOf("'dely'"), text.indexOf("'dely'") + 6)
const unknown = diagnostic(
  'name.unknown-column',
  { owner: 'source "a,b"', column: 'dely', columns: ['origin', 'delay'] },
  place,
)

test('render: a frame keeps tabs, and leaves carriage returns out', () => {
  assert.is(
    render([unknown], { read: () => text, prefix: 'examples/' }),
    `error name.unknown-column: source "a,b" has no column "dely"
 --> examples/features.ts:2:17
  |
2 | \tavg_delay: avg('dely'),
  | \t               ^^^^^^ did you mean 'delay'?
  = columns: origin, delay
`,
  )
})

test('render: the label is shown where the file cannot be read', () => {
  const lines = render([unknown], { read: () => null }).split('\n')
  assert.is(lines[2], "  | did you mean 'delay'?")
})

test('render: colours are those of the palette', () => {
  const palette = { ...plain, error: (words: string) => `<${words}>` }
  const lines = render([unknown], { read: () => text, palette }).split('\n')
  assert.is(lines[0], '<error name.unknown-column>: source "a,b" has no column "dely"')
  assert.ok(lines[4]?.endsWith("<^^^^^^ did you mean 'delay'?>"))
})

test('render: an annotation is one line', () => {
  assert.is(
    renderGithub([unknown], 'a,b/'),
    `::error file=a%2Cb/features.ts,line=2,col=17,title=name.unknown-column::source "a,b" has no column "dely"%0Adid you mean 'delay'?%0Acolumns: origin, delay\n`,
  )
})

test('render: JSON is the diagnostics as they are', () => {
  assert.equal(JSON.parse(renderJson([unknown])), { diagnostics: [unknown] })
})

test('render: in order of places, each once', () => {
  const without = diagnostic('load.no-entry', { entry: 'features.ts' }, null)
  const later = { ...unknown, place: { ...place, start: place.start + 1 } }
  assert.equal(inOrder([later, unknown, without, unknown]), [without, unknown, later])
})

test('render: the nearest name is near', () => {
  assert.is(nearest('dely', ['origin', 'delay']), 'delay')
  assert.is(nearest('Delay', ['delay', 'Relay']), 'delay')
  assert.is(nearest('x', ['delay']), null)
  assert.is(nearest('x', []), null)
})

test.run()
