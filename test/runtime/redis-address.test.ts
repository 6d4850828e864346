import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { MeridianError } from '../../runtime/errors.ts'
import { redisAddress } from '../../runtime/online/redis-address.ts'

const plain = { cluster: false, tls: false, username: undefined, password: undefined, database: 0 }

test('a server, with what is left out', () => {
  assert.equal(redisAddress('redis://cache'), { ...plain, hosts: [{ host: 'cache', port: 6379 }] })
  assert.equal(redisAddress('redis://[::1]:7000/2'), { ...plain, hosts: [{ host: '::1', port: 7000 }], database: 2 })
  assert.equal(redisAddress('redis://cache:7000/'), { ...plain, hosts: [{ host: 'cache', port: 7000 }] })
})

test('users and passwords are percent-encoded', () => {
  const { username, password, tls } = redisAddress('rediss://po%40ds:p%3Aa%2Fs%25s@cache')
  assert.equal({ username, password, tls }, { username: 'po@ds', password: 'p:a/s%s', tls: true })
  assert.is(redisAddress('redis://:secret@cache').username, undefined)
  assert.is(redisAddress('redis://:secret@cache').password, 'secret')
  assert.is(redisAddress('redis://:se:cret@cache').password, 'se:cret')
})

test('a cluster, by its scheme or by the option', () => {
  const hosts = [
    { host: 'a', port: 1 },
    { host: 'b', port: 6379 },
  ]
  assert.equal(redisAddress('redis+cluster://a:1,b'), { ...plain, cluster: true, hosts })
  assert.equal(redisAddress('rediss+cluster://a:1,b'), { ...plain, cluster: true, tls: true, hosts })
  assert.equal(redisAddress('redis://a:1,b', true), { ...plain, cluster: true, hosts })
})

test('what cannot be read says why, and repeats no password', () => {
  const wrong: readonly [string, RegExp][] = [
    ['http://secret@cache', /not of the form/],
    ['redis://', /not of the form/],
    ['redis://u:secret@cache?x=1', /not of the form/],
    ['redis://u:secret@a,b', /redis\+cluster:/],
    ['redis://u:secret@cache:99999', /host:port/],
    ['redis://u:secret@cache:x', /host:port/],
    ['redis+cluster://u:secret@a/1', /one database/],
    ['redis://u:secret%zz@a', /percent-encoded/],
  ]
  for (const [url, message] of wrong) {
    try {
      redisAddress(url)
      assert.unreachable(url)
    } catch (error) {
      assert.ok(error instanceof MeridianError, `${url}: ${error}`)
      assert.is(error.code, 'environment.unsupported')
      assert.match(error.message, message)
      assert.not.match(JSON.stringify([error.message, error.details]), /secret/)
    }
  }
})

test.run()
