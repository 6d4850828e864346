/** `docs/reference.md`, from docstrings. What stands where is said here; what it says, where it is declared. */
import { Declarations, type Declared } from './declarations.ts'

/** `names` are those of the module, or `file#name` for one that is not exported, with ` as ` and what it is called here. */
interface Section {
  readonly title: string
  readonly module: string
  readonly text: string
  readonly names: readonly string[]
}

/** The entries of the package. */
export const modules: Readonly<Record<string, string>> = {
  meridian: 'dsl/index.ts',
  'meridian/runtime': 'runtime/index.ts',
  'meridian/serve': 'runtime/serve/index.ts',
  'meridian/testing': 'testing/index.ts',
  'meridian/compiler': 'compiler/index.ts',
}

const sections: readonly Section[] = [
  {
    title: 'Definitions',
    module: 'meridian',
    text: 'What a definition file exports.',
    names: [
      'entity',
      'source',
      'dsl/source.ts#SourceOptions',
      'featureView',
      'dsl/feature-view.ts#FeatureViewOptions',
      'dsl/view-options.ts#Common as Options of every view',
      'dsl/view-options.ts#Refreshed as Options of refreshed views',
      'dsl/view-options.ts#ViewOptionsInput as Stored or computed',
      'sqlFeatureView',
      'dsl/sql-feature-view.ts#SqlFeatureViewOptions',
      'sql',
      'onDemandFeatureView',
      'featureService',
      'Roles',
      'Duration',
      'defineConfig',
      'Project',
    ],
  },
  {
    title: 'Features',
    module: 'meridian',
    text: 'The words that `features` is given, and what follows them: `count().where(...).over(...).default(...)`.',
    names: [
      'Vocabulary',
      'Aggregate',
      'Latest',
      'Defaultable',
      'SqlVocabulary',
      'OnDemandVocabulary',
      'dsl/on-demand-feature-view.ts#ComputeInput',
    ],
  },
  {
    title: 'Expressions over a row',
    module: 'meridian',
    text: 'What `row.<column>` has, by the type of the column. Nulls follow SQL.',
    names: [
      'Row',
      'AnyValue',
      'ComparableValue',
      'OrderedValue',
      'NumberValue',
      'IntegerValue',
      'Condition',
      'TextValue',
      'InstantValue',
      'when',
    ],
  },
  {
    title: 'Value types',
    module: 'meridian',
    text: 'What columns, join keys, request data and features hold.',
    names: ['t', 'Infer', 'Literal', 'Json', 'KeysOf', 'FeaturesOf'],
  },
  {
    title: 'A store',
    module: 'meridian/runtime',
    text: 'What generated clients are made of. `connect` of a generated folder takes the options only, and gives a store whose views and services are typed properties.',
    names: [
      'connect',
      'ConnectOptions',
      'DuckDBOptions',
      'PostgresOptions',
      'RedisOptions',
      'Store',
      'runtime/handles.ts#Handle as Views and services of a store',
      'GetOptions',
      'Detailed',
      'Status',
      'Origin',
      'Instant',
      'FeatureView as Views of a store',
      'MaterializeOptions',
      'Materialized',
    ],
  },
  {
    title: 'Training data',
    module: 'meridian/runtime',
    text: '',
    names: [
      'TrainingData',
      'TrainingDataOptions',
      'Spine',
      'SpineRow',
      'Written',
      'runtime/offline/engine.ts#RunOptions',
      'Progress',
    ],
  },
  {
    title: 'Workers and status',
    module: 'meridian/runtime',
    text: '',
    names: [
      'Refreshing',
      'RefreshOptions',
      'StopOptions',
      'Observer',
      'RefreshEvent',
      'ViewStatus',
      'ViewState',
      'connectStatus',
      'OpenStatus',
      'workerName',
    ],
  },
  {
    title: 'Errors',
    module: 'meridian/runtime',
    text: 'What each code asks for: [production.md](production.md#errors).',
    names: ['MeridianError', 'ErrorCode'],
  },
  {
    title: 'Pods',
    module: 'meridian/serve',
    text: '`meridian serve` in a program of your own: [deploy.md](deploy.md), [api.md](api.md).',
    names: ['Pod', 'PodOptions', 'Limits', 'Drain', 'apiKeys', 'hashOfKey', 'ApiKey', 'Scope', 'JwtIssuer'],
  },
  {
    title: 'Tests of definitions',
    module: 'meridian/testing',
    text: '',
    names: ['evaluate', 'rows', 'Evaluation', 'SourceRows'],
  },
  {
    title: 'The compiler',
    module: 'meridian/compiler',
    text: 'For tools. The command is made of it.',
    names: [
      'compile',
      'build',
      'compare',
      'BuildOptions',
      'Compiled',
      'BuildResult',
      'Diagnostic',
      'Place',
      'Artefact',
      'Change',
    ],
  },
]

/** The page, and all that it speaks of. */
export function reference(): { readonly page: string; readonly all: readonly Declared[] } {
  const declarations = new Declarations()
  const exported = new Map(Object.entries(modules).map(([name, path]) => [name, declarations.exportsOf(path)]))
  const find = (module: string, wanted: string): Declared => {
    const [name = '', title] = wanted.split(' as ')
    const [file = '', inner] = name.split('#')
    const found = inner === undefined ? exported.get(module)?.get(name) : declarations.named(file, inner)
    if (!found) throw new Error(`${module} has no "${name}"`)
    return title === undefined ? found : { ...found, name: title }
  }
  const entries = sections.map(section => ({ section, found: section.names.map(name => find(section.module, name)) }))
  const shown = new Set(
    sections.flatMap(({ module, names }) => names.map(name => `${module}#${name.split(' as ')[0]}`)),
  )
  const others = [...exported].map(([module, names]) => ({
    module,
    names: [...names.values()].filter(({ name }) => !shown.has(`${module}#${name}`)),
  }))
  const text = [
    '<!-- Written by `UPDATE_GOLDEN=1 npm test -- docs` from docstrings. Do not edit. -->',
    '# Reference',
    'Every name that the package exports, as its docstring says it. [guide.md](guide.md) is to be read in order; this page is to look things up. The examples are about flights, and are compiled.',
    entries
      .map(({ section, found }) => `- [${section.title}](#${anchor(section.title)}): ${found.map(linked).join(', ')}`)
      .join('\n'),
    ...entries.flatMap(({ section: { title, module, text }, found }) => [
      `## ${title}`,
      `\`import { ... } from '${module}'\`${text === '' ? '' : `. ${text}`}`,
      ...found.flatMap(entryOf),
    ]),
    '## Other names',
    'The data that definitions, manifests and diagnostics are, and types that the above are made of.',
    ...others
      .filter(({ names }) => names.length > 0)
      .map(({ module, names }) => `- \`${module}\`: ${names.map(({ name }) => `\`${name}\``).join(', ')}`),
  ]
  return {
    page: `${text.join('\n\n')}\n`,
    all: entries.flatMap(({ found }) => found.flatMap(one => [one, ...one.members])),
  }
}

function entryOf(one: Declared): string[] {
  return [
    `### ${one.name}`,
    one.documentation,
    fence('ts', one.signature),
    ...one.throws.map(text => `Throws ${text.replace(/\.$/, '')}.`),
    ...one.examples.map(text => fence('ts', text)),
    one.members.map(memberOf).join('\n'),
  ].filter(text => text !== '')
}

/** On one line, but for an example of several. */
function memberOf({ signature, documentation, throws, examples }: Declared): string {
  const signatures = signature
    .replaceAll(/\/\*\*.*?\*\/\s*/gs, '')
    .replaceAll(/\s+/g, ' ')
    .replaceAll('readonly ', '')
  const words = [
    documentation.replaceAll(/\s*\n\s*/g, ' '),
    ...throws.map(text => `Throws ${text.replace(/\.$/, '')}.`),
  ]
  const [short, long] = [examples.filter(text => !text.includes('\n')), examples.filter(text => text.includes('\n'))]
  const line = [
    `- \`${signatures}\`${words.join('') === '' ? '' : ':'}`,
    ...words,
    ...short.map(text => `Example: ${inline(text)}.`),
  ]
    .filter(text => text !== '')
    .join(' ')
  const blocks = long.map(text => fence('ts', text).replaceAll(/^(?=.)/gm, '  '))
  return [line, ...blocks].join('\n\n') + (blocks.length > 0 ? '\n' : '')
}

/** Text with backticks of its own stands in two. */
const inline = (text: string): string => (text.includes('`') ? `\`\` ${text} \`\`` : `\`${text}\``)
const anchor = (title: string): string => title.toLowerCase().replaceAll(' ', '-')
const linked = ({ name }: Declared): string => `[${name.includes(' ') ? name : `\`${name}\``}](#${anchor(name)})`
const fence = (language: string, text: string): string => `\`\`\`${language}\n${text}\n\`\`\``
