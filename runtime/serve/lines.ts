/**
 * Lines to a file descriptor, in the background and many at once. pino's own destination flattens each line to count its bytes, which
 * took a fifth of a pod's time.
 */
import { write, writeSync } from 'node:fs'

/** Lines that wait for a descriptor that takes none; those beyond are lost, and counted. */
const most = 100_000

export class Lines {
  readonly #descriptor: number
  #waiting: string[] = []
  #writing = false
  #lost = 0
  #timer: NodeJS.Timeout | null = null

  constructor(descriptor: number) {
    this.#descriptor = descriptor
  }

  write(line: string): void {
    if (this.#waiting.length >= most) this.#lost += 1
    else this.#waiting.push(line)
    if (this.#waiting.length >= 500) this.#start()
    else this.#timer ??= setTimeout(() => this.#start(), 100).unref()
  }

  /** Writes all that waits, before it returns: at the end. */
  flushSync(): void {
    const buffer = this.#take()
    for (let written = 0; written < buffer.length; ) {
      try {
        written += writeSync(this.#descriptor, buffer, written)
      } catch (error) {
        // A pipe that is full takes more in a moment; one that nobody reads takes nothing.
        if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') return
      }
    }
  }

  #start(): void {
    if (this.#timer) clearTimeout(this.#timer)
    this.#timer = null
    if (this.#writing || this.#waiting.length === 0) return
    this.#writing = true
    this.#write(this.#take())
  }

  #write(buffer: Buffer): void {
    write(this.#descriptor, buffer, (error, written) => {
      if (error?.code === 'EAGAIN') setTimeout(() => this.#write(buffer), 10)
      else if (!error && written < buffer.length) this.#write(buffer.subarray(written))
      else {
        // Of a descriptor that is closed there is nobody to tell.
        this.#writing = false
        if (this.#waiting.length > 0) this.#timer ??= setTimeout(() => this.#start(), 0)
      }
    })
  }

  #take(): Buffer {
    const lost = this.#lost > 0 ? `{"level":"warn","lost":${this.#lost},"message":"lines of the log were lost"}\n` : ''
    const text = this.#waiting.join('') + lost
    this.#waiting = []
    this.#lost = 0
    return Buffer.from(text)
  }
}
