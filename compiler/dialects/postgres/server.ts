/** Starts PGlite. Its first start on a machine makes a database, which takes seconds, so an image of it is kept. */
import { readFileSync } from 'node:fs'
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { PGlite } from '@electric-sql/pglite'

export async function startServer(): Promise<PGlite> {
  const { PGlite } = await import('@electric-sql/pglite')
  const image = imagePath()
  try {
    return await PGlite.create({
      startParams: parameters(PGlite),
      loadDataDir: new Blob([new Uint8Array(await readFile(image))]),
    })
  } catch {
    // There is no image yet, or it is damaged.
  }
  const server = await PGlite.create({ startParams: parameters(PGlite) })
  try {
    const archive = await server.dumpDataDir('none')
    await mkdir(dirname(image), { recursive: true })
    // Put in place at once, since another build may be starting too.
    const temporary = `${image}.${process.pid}`
    await writeFile(temporary, new Uint8Array(await archive.arrayBuffer()))
    await rename(temporary, image)
  } catch {
    // Without it the next start is slower, nothing else.
  }
  return server
}

/** A timer that reports a slow start would keep the process alive for ten seconds. */
function parameters({ defaultStartParams }: typeof PGlite): string[] {
  return [...defaultStartParams, '-c', 'log_startup_progress_interval=0']
}

function imagePath(): string {
  const entry = createRequire(import.meta.url).resolve('@electric-sql/pglite')
  const at = entry.lastIndexOf('node_modules')
  const folder = at < 0 ? tmpdir() : join(entry.slice(0, at), 'node_modules', '.cache')
  // The package exports no package.json, and its entry lies in a folder beside it.
  const { version } = JSON.parse(readFileSync(join(dirname(dirname(entry)), 'package.json'), 'utf8'))
  return join(folder, 'meridian', `postgres-${version}.tar`)
}
