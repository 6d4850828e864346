import type { Text } from './text.ts'

/** Functions of on-demand views. */
export const onDemandCodes = {
  'on-demand.not-in-place': ({ feature, view }: { readonly feature: string; readonly view: string }): Text => ({
    message: `the function of feature "${feature}" of view "${view}" is not where it can be compiled from`,
    notes: [
      'write it in place: features: ({ feature }) => ({ name: feature(t.float64(), ({ request }) => ...) })',
      'what it calls may stand anywhere',
    ],
  }),
  'on-demand.cycle': ({ views }: { readonly views: readonly string[] }): Text => ({
    message: `view "${views[0]}" needs itself: ${views.join(' reads ')}`,
  }),
} as const
