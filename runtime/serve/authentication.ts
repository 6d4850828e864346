/** Who may ask: API keys, of which only hashes are known here, and JWTs of an issuer. */
import { createHash, timingSafeEqual } from 'node:crypto'
import { createRemoteJWKSet, errors, jwtVerify } from 'jose'
import { MeridianError } from '../errors.ts'
import { Problem } from './problems.ts'

/**
 * What a caller may do: `services/<name>`, `views/<name>`, with `*` for all names, `metrics`, or `*`. The catalogue and the
 * document of the API are for whoever is known.
 */
export type Scope = string

/** A key that a caller sends as `Authorization: Bearer <key>`. */
export interface ApiKey {
  /** Whose it is, for logs. */
  readonly name: string
  /** SHA-256 of the key, in hex. Keys are random and long, so a slow hash would protect nothing. */
  readonly sha256: string
  /** What who sends it may ask for. */
  readonly scopes: readonly Scope[]
}

/** Who issues tokens that are taken in place of keys. */
export interface JwtIssuer {
  /** Where the issuer's public keys are, as a JWK set. */
  readonly jwksUrl: string
  /** What a token's `iss` must be. */
  readonly issuer: string
  /** What a token's `aud` must have. */
  readonly audience: string
}

export interface Caller {
  readonly name: string
  readonly scopes: readonly Scope[]
}

const hex = /^[0-9a-f]{64}$/
const scope = /^(\*|metrics|(services|views)\/(\*|[A-Za-z][A-Za-z0-9_]*))$/

/**
 * Reads keys as they stand in the environment: a JSON array of `{ name, sha256, scopes }`.
 *
 * @throws MeridianError `environment.unsupported`, which says which key is wrong and repeats none
 * @example
 * apiKeys('[{"name":"checkout","sha256":"9f86d0...","scopes":["services/fraud"]}]')
 */
export function apiKeys(text: string): ApiKey[] {
  const wrong = (problem: string) =>
    new MeridianError('environment.unsupported', `the API keys cannot be read: ${problem}`, { problem })
  let list: unknown
  try {
    list = JSON.parse(text)
  } catch {
    throw wrong('they are no JSON')
  }
  if (!Array.isArray(list)) throw wrong('they are no array of { name, sha256, scopes }')
  if (list.length === 0) throw wrong('there is none; unset the variable for a pod that anyone may ask')
  for (const [index, key] of (list as Partial<ApiKey>[]).entries()) {
    const number = `key ${index + 1}`
    if (typeof key !== 'object' || key === null || typeof key.name !== 'string' || key.name === '')
      throw wrong(`${number} has no name`)
    if (typeof key.sha256 !== 'string' || !hex.test(key.sha256))
      throw wrong(`the sha256 of ${number} is not 64 hexadecimal digits in lower case`)
    if (!Array.isArray(key.scopes) || !key.scopes.every(one => typeof one === 'string' && scope.test(one)))
      throw wrong(
        `the scopes of ${number} are not "services/<name>", "views/<name>", "services/*", "views/*", "metrics" or "*"`,
      )
  }
  return list as ApiKey[]
}

/**
 * The hash that stands for a key in the environment: SHA-256, in hex.
 *
 * @example
 * const key: ApiKey = { name: 'checkout', sha256: hashOfKey('a long random key'), scopes: ['services/fraud'] }
 */
export function hashOfKey(key: string): string {
  return createHash('sha256').update(key).digest('hex')
}

export function isAllowed({ scopes }: Caller, wanted: Scope): boolean {
  if (scopes.includes('*') || scopes.includes(wanted)) return true
  const kind = wanted.split('/')[0]
  return scopes.includes(`${kind}/*`)
}

/** Milliseconds after which an issuer is asked for its keys again, and between two tries. */
const keysFor = 600_000
const pause = 5_000

/** Finds who asks by the Authorization header. */
export class Authentication {
  readonly #keys: readonly { readonly key: ApiKey; readonly hash: Buffer }[]
  readonly #issuer: JwtIssuer | null
  readonly #jwks: ReturnType<typeof createRemoteJWKSet> | null

  /** When the issuer's keys are asked for again. */
  #nextAsked = Date.now() + keysFor

  /** `deadline`: milliseconds of a request, in which the issuer must answer too. */
  constructor(keys: readonly ApiKey[], issuer: JwtIssuer | null, deadline: number) {
    this.#keys = keys.map(key => ({ key, hash: Buffer.from(key.sha256, 'hex') }))
    this.#issuer = issuer
    this.#jwks =
      issuer &&
      createRemoteJWKSet(new URL(issuer.jwksUrl), {
        timeoutDuration: Math.min(2_000, deadline),
        cooldownDuration: pause,
        // Tokens of known keys are good while the issuer is away.
        cacheMaxAge: Number.POSITIVE_INFINITY,
      })
  }

  /** @throws Problem `caller.unknown`, `identity.unavailable` */
  caller(authorization: string | undefined): Caller | Promise<Caller> {
    const token = /^Bearer +(\S+)$/i.exec(authorization ?? '')?.[1]
    if (token === undefined) throw new Problem('caller.unknown')
    return this.#jwks !== null && token.split('.').length === 3 ? this.#ofToken(token) : this.#ofKey(token)
  }

  /** All hashes are compared, each in constant time: how long it takes says nothing of which one was close. */
  #ofKey(token: string): Caller {
    const hash = createHash('sha256').update(token).digest()
    let found: ApiKey | null = null
    for (const known of this.#keys) if (timingSafeEqual(known.hash, hash)) found = known.key
    if (found === null) throw new Problem('caller.unknown')
    return found
  }

  /** In the background, so that a key which the issuer has withdrawn is forgotten. */
  #askAgain(jwks: ReturnType<typeof createRemoteJWKSet>): void {
    if (Date.now() < this.#nextAsked) return
    this.#nextAsked = Date.now() + pause
    const done = () => {
      this.#nextAsked = Date.now() + keysFor
    }
    jwks.reload().then(done, () => {})
  }

  async #ofToken(token: string): Promise<Caller> {
    const { issuer, audience } = this.#issuer as JwtIssuer
    const jwks = this.#jwks as ReturnType<typeof createRemoteJWKSet>
    this.#askAgain(jwks)
    try {
      const { payload } = await jwtVerify(token, jwks, {
        issuer,
        audience,
        requiredClaims: ['exp'],
        clockTolerance: 30,
        // Never a shared secret: keys of the set are public.
        algorithms: ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA'],
      })
      const given = payload.scope ?? payload.scp ?? ''
      const scopes = typeof given === 'string' ? given.split(' ') : Array.isArray(given) ? given.map(String) : []
      return { name: payload.sub ?? 'token', scopes }
    } catch (error) {
      if (isAboutToken(error)) throw new Problem('caller.unknown', undefined, [], error)
      throw new Problem('identity.unavailable', undefined, [], error)
    }
  }
}

/** Whether the token is wrong; else its issuer cannot be asked. */
function isAboutToken(error: unknown): boolean {
  if (error instanceof errors.JWKSTimeout || error instanceof errors.JWKSInvalid) return false
  // "Expected 200 OK from the JSON Web Key Set HTTP response" has the code of jose's errors in general.
  return error instanceof errors.JOSEError && error.code !== 'ERR_JOSE_GENERIC'
}
