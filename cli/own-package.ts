/** What this package says of itself. */
import { existsSync, readFileSync } from 'node:fs'

export interface OwnPackage {
  readonly version: string
  readonly engines: { readonly node: string }
  /** Ranges of what it is developed with. */
  readonly devDependencies: Readonly<Record<string, string>>
}

// From the sources and from dist/ alike.
const places = ['../package.json', '../../package.json'].map(path => new URL(path, import.meta.url))

export function ownPackage(): OwnPackage {
  const place = places.find(path => existsSync(path))
  if (!place) throw new Error('the package of meridian has no package.json')
  return JSON.parse(readFileSync(place, 'utf8'))
}
