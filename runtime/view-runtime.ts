/** All that a view needs at run time, made once when the store connects. */
import type { Artefacts } from './artefacts.ts'
import type { ViewManifest } from './contract.ts'
import { MeridianError } from './errors.ts'
import type { ColumnTypes, OfflineEngine, Relation } from './offline/engine.ts'
import { type KeyValue, keyOf } from './online/key.ts'
import type { StoredCodec, ValuesCodec } from './online/read.ts'
import type { OnlineStore } from './online/store.ts'

export interface Environment {
  readonly artefacts: Artefacts
  readonly engine: OfflineEngine
  readonly online: OnlineStore
  /** The clock that reads and refreshes go by unless they are given an instant. */
  readonly now: () => Date
  /** Milliseconds that a `get` may take unless it says otherwise. */
  readonly timeout?: number | undefined
  /** No database is asked: lookups find what they find of a key without rows. */
  readonly absent?: boolean
}

export class ViewRuntime {
  readonly manifest: ViewManifest
  readonly key: (values: readonly KeyValue[]) => string
  /** How the columns of `materialize` and `lookup` are read. */
  readonly columns: ColumnTypes
  readonly #artefacts: Artefacts

  constructor(manifest: ViewManifest, artefacts: Artefacts) {
    const { entity, name, layout } = manifest
    this.manifest = manifest
    this.key = keyOf(entity, name, layout.fingerprint)
    this.columns = new Map([...manifest.keys, ...layout.fields].map(field => [field.name, field.type]))
    this.#artefacts = artefacts
  }

  /** Of its stored rows; for a materialized view only. */
  get codec(): StoredCodec {
    return this.#artefacts.storedCodec(this.manifest.codec)
  }

  /** Of what its lookup finds; for any other view. */
  get found(): ValuesCodec {
    return this.#artefacts.valuesCodec(this.manifest.codec)
  }
}

/** The relations that views read, each once, in the order in which they must be made. */
export function relationsOf({ artefacts, engine }: Environment, views: readonly ViewManifest[]): Relation[] {
  const names = new Set(views.flatMap(view => view.sources))
  return [...names].map(name => {
    const source = artefacts.manifest.sources[name]
    const statements = source?.statements[engine.dialect]
    if (statements === undefined)
      throw new MeridianError('artefacts.unreadable', `source "${name}" was not built for ${engine.dialect}`, {
        source: name,
      })
    const { relation, snapshot } = statements
    return {
      name,
      statement: artefacts.statement(relation),
      snapshot: snapshot === null ? null : artefacts.statement(snapshot),
    }
  })
}
