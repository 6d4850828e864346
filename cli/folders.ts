/** Waits for something to happen in any of some folders. Folders, since editors put another file in the place of one. */
import { existsSync, type FSWatcher, watch } from 'node:fs'

/** Milliseconds without another event after which a save is taken to be complete. */
const settled = 15
/** Milliseconds until a folder that went away is looked for again. */
const lookAgain = 500

export class Folders {
  readonly #watchers = new Map<string, FSWatcher>()
  readonly #missing = new Set<string>()
  #happened = false
  #wake: () => void = () => {}
  #quiet: NodeJS.Timeout | undefined
  #looking: NodeJS.Timeout | undefined

  /** From now on these, and no others. */
  watch(folders: ReadonlySet<string>): void {
    for (const [folder, watcher] of this.#watchers)
      if (!folders.has(folder)) {
        watcher.close()
        this.#watchers.delete(folder)
      }
    for (const folder of this.#missing) if (!folders.has(folder)) this.#missing.delete(folder)
    for (const folder of folders) if (!this.#watchers.has(folder)) this.#open(folder)
  }

  /** Resolves once something happened since the last call, or the signal aborts. */
  async change(signal: AbortSignal): Promise<void> {
    const wake = () => this.#wake()
    signal.addEventListener('abort', wake)
    while (!this.#happened && !signal.aborted) {
      await new Promise<void>(resolve => {
        this.#wake = resolve
      })
    }
    signal.removeEventListener('abort', wake)
    this.#happened = false
  }

  close(): void {
    this.watch(new Set())
    clearTimeout(this.#quiet)
    clearTimeout(this.#looking)
  }

  #open(folder: string): void {
    try {
      const watcher = watch(folder, () => {
        // Who watches a folder that was removed hears of nothing that comes in its place.
        if (!existsSync(folder)) this.#lost(folder)
        this.#event()
      })
      watcher.on('error', () => this.#lost(folder))
      this.#watchers.set(folder, watcher)
      if (this.#missing.delete(folder)) this.#event()
    } catch {
      this.#lost(folder)
    }
  }

  #lost(folder: string): void {
    this.#watchers.get(folder)?.close()
    this.#watchers.delete(folder)
    this.#missing.add(folder)
    this.#looking ??= setTimeout(() => {
      this.#looking = undefined
      for (const missing of this.#missing) this.#open(missing)
    }, lookAgain)
  }

  #event(): void {
    clearTimeout(this.#quiet)
    this.#quiet = setTimeout(() => {
      this.#happened = true
      this.#wake()
    }, settled)
  }
}
