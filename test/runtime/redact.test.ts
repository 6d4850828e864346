/** Secrets in text. */
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { passwordsOf, redact } from '../../runtime/redact.ts'

test('connection strings lose their passwords', () => {
  assert.is(redact('to redis://pods:se:cret@a:6379 and b'), 'to redis://pods:***@a:6379 and b')
  assert.is(redact('rediss+cluster://:s3cret@a,b'), 'rediss+cluster://:***@a,b')
  assert.is(redact('postgres://user@host/db at 10:30 by a@b'), 'postgres://user@host/db at 10:30 by a@b')
  assert.is(redact('"postgres://u:p@ss/w:rd@host/db"'), '"postgres://u:***@host/db"')
  assert.is(redact('postgres://host/db?user=u&password=s3cret&ssl=1'), 'postgres://host/db?user=u&password=***&ssl=1')
})

test('a password is not shown without its string either, as written or as meant', () => {
  const secrets = passwordsOf(['postgres://u:pass%40word@h/d', 'redis://h:6379', undefined, 'redis://:abc@h'])
  assert.equal(secrets, ['pass%40word', 'pass@word'])
  assert.is(redact('no pg_hba entry for pass@word, pass%40word', secrets), 'no pg_hba entry for ***, ***')
})

test('a password with signs of URLs of its own, or one among the parameters, is found', () => {
  assert.is(redact('auth: p@ss/word', passwordsOf(['redis://u:p@ss/word@h:6379'])), 'auth: ***')
  assert.is(redact('auth: s3c&ret', passwordsOf(['postgres://h/d?password=s3c%26ret'])), 'auth: ***')
})

test.run()
