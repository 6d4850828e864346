/** `openapi.json` of every project here is valid OpenAPI 3.1, by a validator that is not ours, and its examples fit its schemas. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Validator } from '@seriousme/openapi-schema-validator'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { test } from 'uvu'
import * as assert from 'uvu/assert'

const root = fileURLToPath(new URL('..', import.meta.url))
const golden = readdirSync(join(root, 'test/golden')).map(name => `test/golden/${name}/expected/openapi.json`)
const files = ['generated/flights/openapi.json', 'generated/fraud/openapi.json', ...golden]

for (const file of files) {
  const document = JSON.parse(readFileSync(join(root, file), 'utf8'))

  test(`${file} is valid`, async () => {
    const { valid, errors } = await new Validator().validate(structuredClone(document))
    assert.ok(valid, JSON.stringify(errors, null, 2))
  })

  test(`${file}: examples fit their schemas`, () => {
    const ajv = new Ajv2020({ strict: false, validateFormats: false })
    ajv.addSchema(document, 'api')
    let seen = 0
    const fits = (pointer: string, value: unknown): void => {
      const validate = ajv.compile({ $ref: `api#${pointer}` })
      assert.ok(validate(value), `${pointer}: ${JSON.stringify(validate.errors)}`)
      seen += 1
    }
    for (const [path, { post }] of Object.entries<{ post?: Operation }>(document.paths)) {
      if (!post) continue
      const at = `/paths/${path.replaceAll('/', '~1')}/post`
      const json = 'content/application~1json/schema'
      for (const { value } of Object.values(post.requestBody.content['application/json'].examples))
        fits(`${at}/requestBody/${json}`, value)
      fits(`${at}/responses/200/${json}`, post.responses[200].content['application/json'].example)
    }
    for (const [name, { content }] of Object.entries<Response>(document.components.responses))
      fits(
        `/components/responses/${name}/content/application~1problem+json/schema`,
        content['application/problem+json'].example,
      )
    assert.ok(seen > 10)
  })
}

interface Operation {
  readonly requestBody: {
    readonly content: {
      readonly 'application/json': { readonly examples: Readonly<Record<string, { readonly value: unknown }>> }
    }
  }
  readonly responses: {
    readonly 200: { readonly content: { readonly 'application/json': { readonly example: unknown } } }
  }
}

interface Response {
  readonly content: { readonly 'application/problem+json': { readonly example: unknown } }
}

test.run()
