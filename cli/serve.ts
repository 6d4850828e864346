/** `meridian serve`: an API pod. */
import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { MeridianError, type Store } from '../runtime/index.ts'
import { type ApiKey, apiKeys, hashOfKey, type JwtIssuer, Pod } from '../runtime/serve/index.ts'
import { CommandError, type ExitCode, exitCodes } from './exit-codes.ts'
import { findProject, type ProjectOptions } from './project.ts'
import { data, note } from './terminal.ts'

export interface ServeCommandOptions extends ProjectOptions {
  readonly host: string
  readonly port: number
  readonly deadline: number
  readonly concurrency: number
  readonly maxEntities: number
  readonly maxBody: number
  readonly drainDelay: number
  readonly drainGrace: number
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error' | 'silent'
  readonly apiKeys?: string
  readonly apiKeysFile?: string
  readonly jwksUrl?: string
  readonly jwtIssuer?: string
  readonly jwtAudience?: string
  readonly allowAnyone?: boolean
  readonly newKey?: boolean
}

export async function serveCommand(folder: string | undefined, options: ServeCommandOptions): Promise<ExitCode> {
  if (options.newKey) return newKey()
  try {
    const issuer = issuerOf(options)
    const keys = keysOf(options)
    const pod = await Pod.open({
      folder: folder === undefined ? await generatedFolder(options) : resolve(folder),
      host: options.host,
      port: options.port,
      ...(keys ? { keys } : {}),
      ...(issuer ? { issuer } : {}),
      anyone: options.allowAnyone ?? false,
      limits: {
        deadline: options.deadline,
        concurrency: options.concurrency,
        entities: options.maxEntities,
        body: options.maxBody,
      },
      drain: { delay: options.drainDelay, grace: options.drainGrace },
      log: { level: options.logLevel },
      prepare,
    })
    await untilTold(pod)
    return exitCodes.fine
  } catch (error) {
    if (error instanceof MeridianError) throw new CommandError(exitCodes.invocation, error.message)
    if (isOfAddress(error)) throw new CommandError(exitCodes.invocation, `cannot listen: ${(error as Error).message}`)
    throw error
  }
}

/** Local mode has nothing stored, and no workers: what is served is stored first, and kept fresh by this process. */
async function prepare(store: Store): Promise<void> {
  if (process.env.MERIDIAN_ENV === 'production') return
  await store.materialize()
  store.startRefreshing()
}

/** Until a signal has drained it. A second one ends it at once. */
function untilTold(pod: Pod): Promise<void> {
  return new Promise((resolve, reject) => {
    let told = false
    const onSignal = () => {
      if (told) {
        pod.log.flush()
        process.exit(exitCodes.fine)
      }
      told = true
      pod.drain().then(resolve, reject)
    }
    process.on('SIGTERM', onSignal)
    process.on('SIGINT', onSignal)
  })
}

async function generatedFolder(options: ProjectOptions): Promise<string> {
  const project = await findProject(options)
  return resolve(project.root, project.output)
}

function keysOf({ apiKeys: text, apiKeysFile: file }: ServeCommandOptions): ApiKey[] | null {
  if (text !== undefined && file !== undefined)
    throw new CommandError(exitCodes.invocation, 'give MERIDIAN_API_KEYS or MERIDIAN_API_KEYS_FILE, not both')
  if (file === undefined) return text === undefined ? null : apiKeys(text)
  try {
    return apiKeys(readFileSync(file, 'utf8'))
  } catch (error) {
    if (error instanceof MeridianError) throw error
    throw new CommandError(exitCodes.invocation, `the API keys cannot be read: ${(error as Error).message}`)
  }
}

function issuerOf({ jwksUrl, jwtIssuer: issuer, jwtAudience: audience }: ServeCommandOptions): JwtIssuer | null {
  if (!jwksUrl) {
    if (!issuer && !audience) return null
    throw new CommandError(exitCodes.invocation, 'MERIDIAN_JWT_ISSUER and MERIDIAN_JWT_AUDIENCE need MERIDIAN_JWKS_URL')
  }
  if (!issuer || !audience)
    throw new CommandError(
      exitCodes.invocation,
      'MERIDIAN_JWKS_URL needs MERIDIAN_JWT_ISSUER and MERIDIAN_JWT_AUDIENCE: a token of another issuer, or for another service, must not do',
    )
  const url = URL.canParse(jwksUrl) ? new URL(jwksUrl) : null
  if (!url || !/^https?:$/.test(url.protocol) || url.username !== '' || url.password !== '')
    throw new CommandError(exitCodes.invocation, 'MERIDIAN_JWKS_URL must be a URL of http or https without a user')
  return { jwksUrl, issuer, audience }
}

/** The key goes to who asks, once; only the hash is for the pods. */
function newKey(): ExitCode {
  const key = `mk_${randomBytes(32).toString('base64url')}`
  note('Give this key to who asks; it is not kept anywhere. Its hash goes into MERIDIAN_API_KEYS.')
  data(JSON.stringify({ key, sha256: hashOfKey(key) }))
  return exitCodes.fine
}

function isOfAddress(error: unknown): boolean {
  return /^E(ADDRINUSE|ACCES|ADDRNOTAVAIL|NOTFOUND)$/.test(String((error as NodeJS.ErrnoException)?.code))
}
