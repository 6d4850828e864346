/** Who may ask: keys, scopes, rotation, tokens, and where a pod listens without any. */
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { exportJWK, generateKeyPair, type JWTPayload, SignJWT } from 'jose'
import { MeridianError } from 'meridian/runtime'
import { type ApiKey, apiKeys, hashOfKey, Pod } from 'meridian/serve'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { generated, get, odd, post, withPod } from './project.ts'

const bearer = (token: string) => ({ authorization: `Bearer ${token}` })
const key = (name: string, text: string, ...scopes: string[]): ApiKey => ({ name, sha256: hashOfKey(text), scopes })

const keys = [
  key('checkout', 'old', 'services/stored'),
  // The next key of the same caller: both do until everybody has changed.
  key('checkout', 'new', 'services/stored'),
  key('analyst', 'views', 'views/*'),
  key('prometheus', 'scrape', 'metrics'),
  key('owner', 'all', '*'),
]

test(
  'keys are for what they say, and two of one caller both do',
  withPod(
    async pod => {
      const ask = async (path: string, token?: string) =>
        (await post(pod, path, { entity: odd }, token === undefined ? {} : bearer(token))).status
      assert.is(await ask('/v1/services/stored'), 401)
      assert.is(await ask('/v1/services/stored', 'wrong'), 401)
      assert.is(await ask('/v1/services/stored', keys[0]?.sha256), 401)
      for (const token of ['old', 'new', 'all']) assert.is(await ask('/v1/services/stored', token), 200, token)
      assert.is(await ask('/v1/services/patient', 'new'), 403)
      assert.is(await ask('/v1/views/everything', 'new'), 403)
      assert.is(await ask('/v1/views/everything', 'views'), 200)
      assert.is(await ask('/v1/services/stored', 'views'), 403)
      // Who is not known does not learn which names there are.
      assert.is(await ask('/v1/services/none'), 401)
      assert.is(await ask('/v1/services/none', 'new'), 404)
      const read = async (path: string, token?: string) =>
        (await get(pod, path, token === undefined ? {} : bearer(token))).status
      for (const path of ['/healthz', '/readyz']) assert.is(await read(path), 200)
      for (const path of ['/v1/catalog', '/openapi.json']) {
        assert.is(await read(path), 401)
        assert.is(await read(path, 'new'), 200)
      }
      assert.is(await read('/metrics'), 401)
      assert.is(await read('/metrics', 'new'), 403)
      assert.is(await read('/metrics', 'scrape'), 200)
      const refused = await post(pod, '/v1/services/stored', { entity: odd })
      assert.is(refused.headers.get('www-authenticate'), 'Bearer')
      assert.is(refused.body.type, 'urn:meridian:caller.unknown')
      const forbidden = await post(pod, '/v1/services/patient', {}, bearer('new'))
      assert.is(forbidden.body.type, 'urn:meridian:caller.not-allowed')
    },
    { keys },
  ),
)

test(
  'with a list of no keys nobody may ask',
  withPod(
    async pod => {
      assert.is((await post(pod, '/v1/services/stored', { entity: odd })).status, 401)
      assert.is((await get(pod, '/healthz')).status, 200)
    },
    { keys: [] },
  ),
)

test('keys of the environment are read, or it is said which one is wrong', () => {
  const good = { name: 'a', sha256: 'a'.repeat(64), scopes: ['services/x'] }
  assert.equal(apiKeys(JSON.stringify([good])), [good])
  for (const [wrong, problem] of [
    ['{', 'they are no JSON'],
    ['{}', 'they are no array'],
    ['', 'they are no JSON'],
    // Whoever gives a list means that not everybody may ask.
    ['[]', 'there is none'],
    [JSON.stringify([good, { ...good, name: '' }]), 'key 2 has no name'],
    [JSON.stringify([{ ...good, sha256: 'the key itself' }]), 'the sha256 of key 1 is not 64'],
    [JSON.stringify([{ ...good, scopes: ['everything'] }]), 'the scopes of key 1 are not'],
  ] as const) {
    try {
      apiKeys(wrong)
      assert.unreachable(problem)
    } catch (error) {
      assert.ok(error instanceof MeridianError && error.code === 'environment.unsupported')
      assert.ok(error.message.includes(problem), error.message)
      assert.not.ok(error.message.includes('the key itself'))
    }
  }
})

test('on an address that is not loopback, anyone may ask only where that is said', async () => {
  const options = { folder: await generated(), port: 0, log: { level: 'silent' }, drain: { delay: 0 } } as const
  try {
    await Pod.open({ ...options, host: '0.0.0.0' })
    assert.unreachable()
  } catch (error) {
    assert.ok(error instanceof MeridianError && error.code === 'environment.unsupported', String(error))
    assert.match(error.message, /--allow-anyone/)
  }
  for (const more of [{ anyone: true }, { keys }, { host: '::1' }, { host: 'localhost' }]) {
    const pod = await Pod.open({ ...options, host: '0.0.0.0', ...more })
    await pod.drain()
  }
})

interface Issuer {
  readonly url: string
  readonly server: Server
  readonly sign: (claims: JWTPayload, changed?: { kid?: string; secret?: Uint8Array }) => Promise<string>
  rotate(): Promise<void>
}

/** An issuer of tokens, with its keys at a real address. */
async function openIssuer(): Promise<Issuer> {
  let [number, pair] = [1, await generateKeyPair('ES256')]
  const server = createServer(async (_request, response) => {
    const jwk = { ...(await exportJWK(pair.publicKey)), kid: `k${number}`, alg: 'ES256', use: 'sig' }
    response.setHeader('content-type', 'application/json').end(JSON.stringify({ keys: [jwk] }))
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/jwks`,
    server,
    sign: (claims, { kid = `k${number}`, secret } = {}) =>
      new SignJWT({ iss: 'https://issuer', aud: 'meridian', sub: 'checkout', ...claims })
        .setProtectedHeader({ alg: secret ? 'HS256' : 'ES256', kid })
        .setExpirationTime(claims.exp ?? '1m')
        .sign(secret ?? pair.privateKey),
    rotate: async () => {
      number += 1
      pair = await generateKeyPair('ES256')
    },
  }
}

test('tokens of an issuer, by its public keys', async () => {
  const issuer = await openIssuer()
  const options = { jwksUrl: issuer.url, issuer: 'https://issuer', audience: 'meridian' }
  await withPod(
    async pod => {
      const ask = async (token: string) =>
        post(pod, '/v1/services/stored', { entity: odd }, bearer(token)).then(
          ({ status, body }) => `${status} ${body.type ?? ''}`,
        )
      const unknown = '401 urn:meridian:caller.unknown'
      assert.is(await ask(await issuer.sign({ scope: 'openid services/stored' })), '200 ')
      assert.is(await ask(await issuer.sign({ scp: ['services/*'] })), '200 ')
      assert.is(await ask(await issuer.sign({ scope: 'views/*' })), '403 urn:meridian:caller.not-allowed')
      assert.is(await ask(await issuer.sign({})), '403 urn:meridian:caller.not-allowed')
      assert.is(await ask(await issuer.sign({ scope: '*', aud: 'another' })), unknown)
      assert.is(await ask(await issuer.sign({ scope: '*', iss: 'https://another' })), unknown)
      assert.is(await ask(await issuer.sign({ scope: '*', exp: 1 })), unknown)
      assert.is(
        await ask(await issuer.sign({ scope: '*' }, { secret: new TextEncoder().encode('s'.repeat(32)) })),
        unknown,
      )
      assert.is(await ask(`${await issuer.sign({ scope: '*' })}x`), unknown)
      // Keys beside tokens.
      assert.is(await ask('all'), '200 ')
    },
    { issuer: options, keys },
  )()
  issuer.server.close()
  await withPod(
    async pod => {
      const { status, body, headers } = await post(
        pod,
        '/v1/services/stored',
        {},
        bearer(await issuer.sign({ scope: '*' })),
      )
      assert.is(status, 503, JSON.stringify(body))
      assert.is(body.type, 'urn:meridian:identity.unavailable')
      assert.is(headers.get('retry-after'), '1')
    },
    { issuer: options },
  )()
})

test.run()
