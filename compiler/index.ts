/** 'meridian/compiler': definitions in, artefacts and diagnostics out. */
export { type BuildOptions, type BuildResult, build, type Compiled, compare, compile } from './build.ts'
export type { Catalog } from './catalog/catalog.ts'
export type { Diagnostic, Place, Related } from './diagnostics/diagnostic.ts'
export { dialects } from './dialects/index.ts'
export type { Artefact, HashedArtefact } from './emit/artefact.ts'
export type { Change } from './emit/output.ts'
export { compileDefinitions, type DefinitionsOptions } from './in-memory.ts'
