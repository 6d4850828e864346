/** `meridian serve` as a process: from the generated folder alone, with what the environment says, and no secret in what it writes. */
import { once } from 'node:events'
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { hashOfKey } from 'meridian/serve'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { command, startPod } from '../serve/pods.ts'
import { generated, get, odd, post } from '../serve/project.ts'

async function run(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const { child, output } = command(args, env)
  const [code] = (await once(child, 'close')) as [number | null]
  return { code, output: output() }
}

/** The generated folder by itself, as an image has it. */
async function withFolder(work: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'meridian-pod-'))
  try {
    await cp(await generated(), folder, { recursive: true })
    await work(folder)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

const alone = (work: (folder: string) => Promise<void>) => () => withFolder(work)

test(
  'in local mode: it stores what it serves, answers, and ends with SIGTERM',
  alone(async folder => {
    const pod = await startPod([folder, '--drain-delay', '0'], { MERIDIAN_ENV: 'local' })
    for (let tries = 0; (await get(pod.url, '/readyz')).status !== 200; tries += 1) assert.ok(tries < 100, pod.output())
    const { body } = await post(pod.url, '/v1/services/stored', { entity: odd })
    assert.is(body.features.small, -2147483648)
    assert.is(await pod.end(), 0)
    assert.match(pod.output(), /"message":"ended"/)
  }),
)

test(
  'keys from the environment or a file, and a new one',
  alone(async folder => {
    const { code, output } = await run(['serve', '--new-key'])
    assert.is(code, 0)
    const { key, sha256 } = JSON.parse(output.split('\n').find(line => line.startsWith('{')) ?? '')
    assert.is(hashOfKey(key), sha256)
    const file = join(folder, 'keys.json')
    await writeFile(file, JSON.stringify([{ name: 'checkout', sha256, scopes: ['*'] }]))
    const env = { MERIDIAN_ENV: 'local', MERIDIAN_API_KEYS_FILE: file }
    const pod = await startPod([folder, '--host', '0.0.0.0', '--drain-delay', '0'], env)
    const url = pod.url.replace('0.0.0.0', '127.0.0.1')
    assert.is((await post(url, '/v1/services/stored', { entity: odd })).status, 401)
    assert.is((await post(url, '/v1/services/stored', { entity: odd }, { authorization: `Bearer ${key}` })).status, 200)
    assert.is(await pod.end(), 0)
    assert.not.ok(pod.output().includes(key) || pod.output().includes(sha256))
  }),
)

test(
  'what is wrong is said in a line, with exit code 2 and no secret',
  alone(async folder => {
    const taken = createServer()
    await new Promise<void>(resolve => taken.listen(0, '127.0.0.1', resolve))
    const { port } = taken.address() as AddressInfo
    const password = 'pass%40word'
    const production = {
      MERIDIAN_ENV: 'production',
      MERIDIAN_POSTGRES_URL: `postgres://pods:${password}@127.0.0.1:1/features`,
      MERIDIAN_REDIS_URL: `redis://pods:${password}@127.0.0.1:1`,
    }
    const local = { MERIDIAN_ENV: 'local' }
    const cases: readonly (readonly [string[], Record<string, string>, RegExp])[] = [
      [[folder, '--host', '0.0.0.0'], local, /on 0\.0\.0\.0 anyone could ask/],
      [[folder, '--port', `${port}`], local, /cannot listen: .*EADDRINUSE/],
      [[folder, '--port', 'a'], local, /a whole number from 0 to 65535/],
      [[folder, '--port', '99999'], local, /a whole number from 0 to 65535/],
      [[folder, '--deadline', '0'], local, /a whole number from 1 to /],
      [[folder], { ...local, MERIDIAN_PORT: 'tcp://10.96.0.1:8080' }, /enableServiceLinks: false/],
      [[folder, '--jwt-issuer', 'a', '--jwt-audience', 'b'], local, /need MERIDIAN_JWKS_URL/],
      [
        [folder, '--jwt-issuer', 'a', '--jwt-audience', 'b'],
        { ...local, MERIDIAN_JWKS_URL: `https://u:${password}@issuer/jwks` },
        /without a user/,
      ],
      [[folder], { ...local, MERIDIAN_API_KEYS: '[]' }, /there is none/],
      [[join(folder, 'nothing')], local, /cannot read .*manifest\.json/],
      [
        [folder],
        { ...local, MERIDIAN_API_KEYS: '[{"name":"a","sha256":"the key","scopes":[]}]' },
        /the sha256 of key 1/,
      ],
      [[folder], { ...local, MERIDIAN_JWKS_URL: 'https://issuer/jwks' }, /needs MERIDIAN_JWT_ISSUER/],
      [[folder], production, /Postgres at 127\.0\.0\.1:1\/features cannot be reached/],
      [
        [folder],
        { ...production, MERIDIAN_REDIS_URL: `redis:/pods:${password}@a` },
        /the URL of Redis cannot be read|Postgres at/,
      ],
    ]
    for (const [args, env, message] of cases) {
      const { code, output } = await run(['serve', ...args], env)
      assert.is(code, 2, output)
      assert.match(output, message)
      for (const secret of [password, 'pass@word', 'the key']) assert.not.ok(output.includes(secret), output)
    }
    taken.close()
  }),
)

test.run()
