/** The log's lines, to a file and to a pipe that nobody reads. */
import { execFileSync } from 'node:child_process'
import { closeSync, constants, mkdtempSync, openSync, readFileSync, readSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { Lines } from '../../runtime/serve/lines.ts'

async function inFolder(work: (folder: string) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'meridian-lines-'))
  try {
    await work(folder)
  } finally {
    rmSync(folder, { recursive: true })
  }
}

test('all of them, in their order, those that are longer than a buffer too', () =>
  inFolder(async folder => {
    const file = join(folder, 'log')
    const descriptor = openSync(file, 'w')
    const lines = new Lines(descriptor)
    const expected: string[] = []
    const write = (line: string) => {
      expected.push(line)
      lines.write(line)
    }
    for (let number = 0; number < 30_000; number += 1) {
      write(`${number} Ünï \u{1f600} ${'x'.repeat(number % 200)}\n`)
      if (number % 10_000 === 5_000) {
        write(`${'ü'.repeat(400_000)}\n`)
        await sleep(120)
      }
    }
    await sleep(300)
    assert.is(readFileSync(file, 'utf8'), expected.join(''))
    write('the last one\n')
    lines.flushSync()
    assert.is(readFileSync(file, 'utf8'), expected.join(''))
    closeSync(descriptor)
  }))

test('where nobody reads, memory is bounded, and what was lost is counted', () =>
  inFolder(async folder => {
    const file = join(folder, 'pipe')
    execFileSync('mkfifo', [file])
    const descriptor = openSync(file, constants.O_RDWR | constants.O_NONBLOCK)
    const lines = new Lines(descriptor)
    const line = `${'x'.repeat(999)}\n`
    for (let number = 0; number < 40_000; number += 1) lines.write(line)
    const text: string[] = []
    const buffer = Buffer.alloc(1 << 20)
    for (let quiet = 0; quiet < 200; ) {
      try {
        text.push(buffer.toString('utf8', 0, readSync(descriptor, buffer)))
        quiet = 0
        // Room again, so the next line is kept, and the loss is told.
        if (text.length === 10) lines.write('after\n')
      } catch {
        quiet += 1
      }
      await sleep(5)
    }
    closeSync(descriptor)
    const got = text.join('').trimEnd().split('\n')
    const [lost] = got.filter(one => one.startsWith('{')).map(one => JSON.parse(one).lost as number)
    assert.is(got.indexOf('after'), got.length - 2)
    const kept = got.filter(one => one === line.trimEnd()).length
    assert.is(kept + (lost ?? 0), 40_000)
    assert.ok(kept > 10_000 && kept < 20_000, `${kept} kept`)
  }))

test.run()
