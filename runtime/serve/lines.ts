/**
 * Lines to a file descriptor, in the background and many at once. Each is written into a buffer as it comes: kept as strings until they
 * are written out, lines cost more of the collector's time than all of a request's own work, and pino's own destination, which flattens
 * each one to count its bytes, a fifth of a pod's.
 */
import { Buffer } from 'node:buffer'
import { write, writeSync } from 'node:fs'

/** Bytes of a buffer; some thousand lines. */
const size = 256 * 1024
/** Buffers that wait for a descriptor that takes none; lines beyond them are lost, and counted. */
const most = 64
/** Milliseconds that a line waits at most. */
const patience = 100

export class Lines {
  readonly #descriptor: number
  /** Full ones, the oldest first. */
  #waiting: Buffer[] = []
  #current = Buffer.allocUnsafe(size)
  #length = 0
  #writing = false
  #lost = 0
  #timer: NodeJS.Timeout | null = null

  constructor(descriptor: number) {
    this.#descriptor = descriptor
  }

  write(line: string): void {
    if (!this.#append(line)) this.#lost += 1
    else if (this.#lost > 0) this.#tellLost()
  }

  /** Writes all that waits, before it returns: at the end. A pipe that takes nothing for a second is given up. */
  flushSync(): void {
    if (this.#lost > 0) this.#tellLost()
    let until = performance.now() + 1_000
    for (let buffer = this.#take(); buffer !== null; buffer = this.#take())
      for (let written = 0; written < buffer.length; ) {
        try {
          written += writeSync(this.#descriptor, buffer, written)
          until = performance.now() + 1_000
        } catch (error) {
          // A pipe that is full takes more in a moment; one that nobody reads takes nothing.
          if ((error as NodeJS.ErrnoException).code !== 'EAGAIN' || performance.now() > until) return
        }
      }
  }

  /** False where there is no room for it. */
  #append(line: string): boolean {
    // A unit of UTF-16 is three bytes at most.
    const bytes = line.length * 3
    if (bytes > this.#current.length - this.#length && !this.#turn(bytes)) return false
    this.#length += this.#current.write(line, this.#length)
    this.#timer ??= setTimeout(() => this.#start(), patience).unref()
    return true
  }

  #tellLost(): void {
    if (this.#append(`{"level":"warn","lost":${this.#lost},"message":"lines of the log were lost"}\n`)) this.#lost = 0
  }

  /** Goes on with a new buffer that has room for so many bytes; false where too many wait. */
  #turn(bytes: number): boolean {
    if (this.#waiting.length >= most) return false
    if (this.#length > 0) this.#waiting.push(this.#current.subarray(0, this.#length))
    this.#current = Buffer.allocUnsafe(Math.max(size, bytes))
    this.#length = 0
    this.#start()
    return true
  }

  #start(): void {
    if (this.#timer) clearTimeout(this.#timer)
    this.#timer = null
    if (this.#writing) return
    const buffer = this.#take()
    if (buffer !== null) this.#write(buffer)
  }

  #write(buffer: Buffer): void {
    this.#writing = true
    write(this.#descriptor, buffer, (error, written) => {
      if (error?.code === 'EAGAIN') setTimeout(() => this.#write(buffer), 10)
      else if (!error && written < buffer.length) this.#write(buffer.subarray(written))
      else {
        // Of a descriptor that is closed there is nobody to tell.
        this.#writing = false
        if (this.#waiting.length > 0) this.#start()
        else if (this.#length > 0) this.#timer ??= setTimeout(() => this.#start(), patience).unref()
      }
    })
  }

  /** What is to be written next; null where there is nothing. */
  #take(): Buffer | null {
    const next = this.#waiting.shift()
    if (next || this.#length === 0) return next ?? null
    const buffer = this.#current.subarray(0, this.#length)
    // Not again from its start: it is being written.
    this.#current = this.#current.subarray(this.#length)
    this.#length = 0
    return buffer
  }
}
