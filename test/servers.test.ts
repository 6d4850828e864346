/** A server of tests does not outlive them. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { test } from 'uvu'
import * as assert from 'uvu/assert'

const servers = new URL('servers.ts', import.meta.url).href
const root = fileURLToPath(new URL('..', import.meta.url))

async function answers(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1')
  const answer = await Promise.race([
    once(socket, 'connect').then(() => true),
    once(socket, 'error').then(() => false),
  ]).catch(() => false)
  socket.destroy()
  return answer
}

for (const [name, start] of [
  ['redis', 'ownRedisServer'],
  ['postgres', 'ownPostgresServer'],
] as const) {
  test(`${name} ends with a process that is killed, even when it is paused`, async () => {
    const code = `import { ${start} } from '${servers}'
const server = await ${start}()
server.pause()
process.stdout.write(new URL(server.url).port)
setInterval(() => {}, 1000)`
    const flags = ['--import', 'tsx', '--conditions', 'meridian-source', '--input-type=module', '--eval', code]
    const child = spawn(process.execPath, flags, { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] })
    const [text] = await once(child.stdout, 'data')
    const port = Number(String(text))
    assert.ok(await answers(port), 'the kernel still takes connections for it')
    child.kill('SIGKILL')
    const until = Date.now() + 10_000
    while (await answers(port)) {
      assert.ok(Date.now() < until, 'it is still there')
      await sleep(50)
    }
  })
}

test.run()
