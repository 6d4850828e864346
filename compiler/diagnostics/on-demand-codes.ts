import { type Text, unknownName } from './text.ts'

const onlyArgument =
  'the same function is applied to past rows for training, so it may depend on nothing but its argument'

/** Functions of on-demand views. */
export const onDemandCodes = {
  'on-demand.not-in-place': ({ feature, view }: { readonly feature: string; readonly view: string }): Text => ({
    message: `the function of feature "${feature}" of view "${view}" is not where it can be compiled from`,
    notes: [
      'write it in place: features: ({ feature }) => ({ name: feature(t.float64(), ({ request }) => ...) })',
      'what it calls may stand anywhere',
    ],
  }),
  'on-demand.impure': (p: {
    /** 'feature "risk" of view "flight_risk"'. */
    readonly subject: string
    readonly expression: string
    readonly does: string
    readonly instead: string | null
  }): Text => ({
    message: `${p.subject} depends on ${p.expression}, which ${p.does}`,
    label: p.instead,
    notes: [onlyArgument],
  }),
  'on-demand.state': ({ subject, name }: { readonly subject: string; readonly name: string }): Text => ({
    message: `${subject} changes ${name}, which is still there when it is computed again`,
    label: 'changed here',
    notes: [onlyArgument],
  }),
  'on-demand.argument': ({ subject, name }: { readonly subject: string; readonly name: string }): Text => ({
    message: `${subject} changes its argument, ${name}`,
    label: 'changed here',
    notes: ['all features of a row are given the same object: work on a copy'],
  }),
  'on-demand.undeclared': ({ subject, name }: { readonly subject: string; readonly name: string }): Text => ({
    message: `${subject} uses ${name}, which is declared nowhere that its function is compiled from`,
    notes: ['what stands inside `features` is not there when functions run: move it to the top of the file'],
  }),
  'on-demand.definition': ({ subject, name }: { readonly subject: string; readonly name: string }): Text => ({
    message: `${subject} uses ${name}, a part of the definitions, which are not there when functions run`,
    label: 'not there',
    notes: ['the features of a view are in the argument, if the view is one of the inputs'],
  }),
  'on-demand.commonjs': ({ subject }: { readonly subject: string }): Text => ({
    message: `${subject} uses a CommonJS module, which cannot be checked for state that it keeps`,
    notes: ['use a package that has an ES module, or write the few lines yourself'],
  }),
  'on-demand.asynchronous': (p: { readonly subject: string; readonly generator: boolean }): Text => ({
    message: `${p.subject} is computed by ${p.generator ? 'a generator' : 'asynchronous code'}`,
    notes: ['functions return the value itself: what has to be waited for is request data, or a feature view'],
  }),
  'on-demand.return-type': (p: {
    readonly subject: string
    readonly actual: string
    readonly declared: string
  }): Text => ({
    message: `${p.subject} is declared to be ${p.declared}, but its function returns ${p.actual}`,
    label: `this is ${p.actual}`,
  }),
  'on-demand.missing-input': (p: {
    readonly subject: string
    /** Whose it would be: 'the argument', 'input "origin"'. */
    readonly owner: string
    readonly name: string
    readonly available: readonly string[]
  }): Text => unknownName(`${p.subject} reads ${p.name}, which ${p.owner} does not have`, p.name, 'names', p.available),
  'on-demand.cycle': ({ views }: { readonly views: readonly string[] }): Text => ({
    message: `view "${views[0]}" needs itself: ${views.join(' reads ')}`,
  }),
} as const
