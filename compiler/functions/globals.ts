/** What JavaScript gives every module: what of it a function may use, and what the rest would make it depend on. */

/** Depends on nothing but arguments. `Math` and `Date` in part; see purity.ts. */
export const pure: ReadonlySet<string> = new Set([
  'undefined',
  'NaN',
  'Infinity',
  'arguments',
  'Array',
  'ArrayBuffer',
  'BigInt',
  'BigInt64Array',
  'BigUint64Array',
  'Boolean',
  'DataView',
  'Error',
  'Float32Array',
  'Float64Array',
  'Int16Array',
  'Int32Array',
  'Int8Array',
  'JSON',
  'Map',
  'Number',
  'Object',
  'RangeError',
  'RegExp',
  'Set',
  'String',
  'Symbol',
  'SyntaxError',
  'TextDecoder',
  'TextEncoder',
  'TypeError',
  'Uint16Array',
  'Uint32Array',
  'Uint8Array',
  'Uint8ClampedArray',
  'WeakMap',
  'WeakSet',
  'atob',
  'btoa',
  'decodeURI',
  'decodeURIComponent',
  'encodeURI',
  'encodeURIComponent',
  'isFinite',
  'isNaN',
  'parseFloat',
  'parseInt',
  'structuredClone',
])

export type Cause = keyof typeof causes

/** What impure code does, and what stands in for it. */
export const causes = {
  clock: { does: 'reads the clock', instead: 'use now, which a function is given' },
  random: { does: 'draws a random number', instead: 'use random(), which a function is given' },
  zone: { does: "depends on the machine's time zone", instead: 'use the UTC method' },
  parts: { does: "depends on the machine's time zone", instead: 'use new Date(Date.UTC(...))' },
  language: { does: "depends on the machine's language", instead: null },
  environment: { does: 'reads its environment', instead: null },
  network: { does: 'uses the network', instead: 'make it request data' },
  files: { does: 'uses files', instead: 'import a JSON file, which is bundled' },
  console: { does: 'writes to the console', instead: null },
  timers: { does: 'waits', instead: null },
  code: { does: 'makes code that cannot be checked', instead: null },
  system: { does: 'uses the system', instead: null },
  unclear: { does: 'can be anything', instead: 'call its methods by name' },
} as const satisfies Record<string, { readonly does: string; readonly instead: string | null }>

/** Names that are declared nowhere, by what they would do. */
export const impure: ReadonlyMap<string, Cause> = new Map(
  Object.entries({
    clock: ['performance', 'Temporal'],
    random: ['crypto'],
    language: ['Intl'],
    environment: ['process', 'globalThis', 'global', 'window', 'self', 'navigator', '__dirname', '__filename'],
    network: ['fetch', 'XMLHttpRequest', 'WebSocket', 'EventSource', 'Request', 'Response'],
    console: ['console'],
    timers: [
      'Promise',
      'queueMicrotask',
      'setImmediate',
      'setInterval',
      'setTimeout',
      'clearTimeout',
      'clearInterval',
      'Atomics',
    ],
    code: ['eval', 'Function', 'require', 'module', 'exports', 'WebAssembly', 'Reflect', 'Proxy'],
    system: ['Buffer', 'SharedArrayBuffer', 'WeakRef', 'FinalizationRegistry', 'Worker', 'BroadcastChannel'],
  } satisfies Partial<Record<Cause, readonly string[]>>).flatMap(([cause, names]) =>
    names.map(name => [name, cause as Cause] as const),
  ),
)

/** Node's modules, by what they do. */
export function causeOfModule(specifier: string): Cause {
  const [name = ''] = specifier.replace(/^node:/, '').split('/')
  if (name === 'fs') return 'files'
  if (['http', 'http2', 'https', 'net', 'tls', 'dns', 'dgram'].includes(name)) return 'network'
  if (['perf_hooks', 'timers'].includes(name)) return 'clock'
  if (name === 'crypto') return 'random'
  if (['os', 'process'].includes(name)) return 'environment'
  return 'system'
}

/** Methods of any value whose result depends on the machine, by what they depend on. */
export const impureMethods: ReadonlyMap<string, Cause> = new Map([
  ...[
    'getDate',
    'getDay',
    'getFullYear',
    'getHours',
    'getMinutes',
    'getMonth',
    'getTimezoneOffset',
    'getYear',
    'setDate',
    'setFullYear',
    'setHours',
    'setMinutes',
    'setMonth',
    'toDateString',
    'toTimeString',
  ].map(name => [name, 'zone'] as const),
  ...[
    'localeCompare',
    'toLocaleDateString',
    'toLocaleLowerCase',
    'toLocaleString',
    'toLocaleTimeString',
    'toLocaleUpperCase',
  ].map(name => [name, 'language'] as const),
])

/** Methods that change what they are called on, whatever it is. */
export const changing: ReadonlySet<string> = new Set([
  'copyWithin',
  'fill',
  'pop',
  'push',
  'reverse',
  'shift',
  'sort',
  'splice',
  'unshift',
  ...['Date', 'FullYear', 'Hours', 'Milliseconds', 'Minutes', 'Month', 'Seconds'].map(part => `setUTC${part}`),
  'setMilliseconds',
  'setSeconds',
  'setTime',
])

/** Methods that change a collection; an object of the author's own may have harmless ones of these names. */
export const changingCollections: ReadonlySet<string> = new Set(['add', 'clear', 'delete', 'set'])
export const collections: ReadonlySet<string> = new Set(['Map', 'Set', 'WeakMap', 'WeakSet'])
