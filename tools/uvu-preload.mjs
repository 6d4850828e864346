/** Loaded before tests (`--import`): whoever imports `uvu` gets `uvu.mjs`. */
import { register } from 'node:module'

register('./uvu-resolve.mjs', import.meta.url)
