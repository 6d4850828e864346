import { defineConfig } from 'meridian'

export default defineConfig([
  { name: 'flights', definitions: 'examples/flights/features.ts', output: 'generated/flights' },
  { name: 'fraud', definitions: 'examples/fraud/features.ts', output: 'generated/fraud' },
])
