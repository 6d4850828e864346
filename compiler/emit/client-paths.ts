/** Where the parts of the client lie, and the source maps beside them. */

/** Declarations alone: nothing of a view runs, and only from declarations do editors go on to definitions. */
export function clientPath(name: string): string {
  return `client/${name}.d.ts`
}

export const storePath = 'store.d.ts'

/** The folder of a project's maps, from the project's folder. */
export function mapsFolder(project: string): string {
  return `.meridian/maps/${project}`
}

/** The map of a file of the client, in the folder of maps. */
export function mapPath(path: string): string {
  return `${path.replaceAll('/', '.')}.map`
}
