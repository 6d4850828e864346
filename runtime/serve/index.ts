/** 'meridian/serve': API pods, for who starts them from a program of their own. */
export { type ApiKey, apiKeys, hashOfKey, type JwtIssuer, type Scope } from './authentication.ts'
export type { Drain, Limits, PodOptions } from './options.ts'
export { Pod } from './pod.ts'
