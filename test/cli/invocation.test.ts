/** Help, and what is said to those who ask for what is not there. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { config, definitions, withProject } from './command.ts'

test(
  'help and version are data, and fine',
  withProject(async ({ meridian }) => {
    const [help, verb, version] = await Promise.all([
      meridian(['--help']),
      meridian(['training-data', '--help']),
      meridian(['--version']),
    ])
    for (const { code, stderr } of [help, verb, version]) assert.equal([code, stderr], [0, ''])
    for (const name of [
      'init',
      'build',
      'check',
      'plan',
      'watch',
      'materialize',
      'worker',
      'training-data',
      'get',
      'explain',
    ])
      assert.match(help.stdout, new RegExp(`^  ${name} `, 'm'))
    assert.match(help.stdout, 'Exit codes: 0 fine, 1 a fault')
    assert.match(verb.stdout, /Example:\n {2}meridian training-data late_flights --spine/)
    assert.match(version.stdout, /^\d+\.\d+\.\d+\n$/)
  }),
)

test(
  'a bad invocation is told on stderr with what was meant, and is exit code 2',
  withProject(async ({ meridian }) => {
    const expected: readonly (readonly [readonly string[], RegExp])[] = [
      [[], /^Usage: meridian/],
      [['bulid'], /unknown command 'bulid'\n\(Did you mean build\?\)/],
      [['build', '--fromat', 'json'], /unknown option '--fromat'\n\(Did you mean --format\?\)/],
      [['check', '--format', 'xml'], /argument 'xml' is invalid. Allowed choices are pretty, github, json/],
      [['check', '--project', 'shops'], /there is no project "shops", did you mean "shop"\? \(there are shop\)\n$/],
      [['check', '--config', 'nowhere.ts'], /there is no \/.*nowhere\.ts\n$/],
      [['training-data', 'shopping'], /required option '--output <file>' not specified/],
      [['training-data', 'shopping', '--output', 'a.csv'], /give one of --spine FILE, --spine-sql QUERY and/],
      [
        ['training-data', 'shopping', '--output', 'a.xls', '--spine', 'a.csv'],
        /--output a\.xls ends in neither \.parquet nor \.csv\n$/,
      ],
      [
        ['training-data', 'shopping', '--output', 'a.csv', '--spine', 'a.csv', '--spine-sql', 'x'],
        /give one of --spine/,
      ],
      [['get', 'shopping', 'customer=1'], /cannot read \/.*manifest\.json: run `meridian build`\n$/],
      [['explain', 'order_stat'], /no view or service "order_stat", did you mean "order_stats"\? \(there are /],
      [
        ['explain', 'order_stats', '--statement', 'lookup'],
        /order_stats has no statement "lookup" \(there are relation, point_in_time, materialize, materialize_changed, training\)\n$/,
      ],
    ]
    const outcomes = await Promise.all(expected.map(([args]) => meridian(args)))
    for (const [index, { code, stdout, stderr }] of outcomes.entries()) {
      const [args, message] = expected[index] as (typeof expected)[number]
      assert.equal([args, code, stdout], [args, 2, ''])
      assert.match(stderr, message)
    }
  }),
)

test(
  'no configuration, one that does not evaluate, and one without a project',
  withProject(
    async ({ meridian }) => {
      const [none, broken, empty, github, json] = await Promise.all([
        meridian(['build']),
        meridian(['check'], { in: 'broken' }),
        meridian(['check'], { in: 'empty' }),
        meridian(['build', '--config', 'broken/meridian.config.ts', '--format', 'github']),
        meridian(['check', '--json'], { in: 'broken' }),
      ])
      assert.equal([github.code, github.stderr, json.code, json.stderr], [2, '', 2, ''])
      assert.match(github.stdout, /^::error file=broken\/meridian\.config\.ts,line=2,col=\d+,title=load\.syntax::/)
      assert.is(JSON.parse(json.stdout).diagnostics[0].code, 'load.syntax')
      assert.equal([none.code, broken.code, empty.code], [2, 2, 2])
      assert.match(none.stderr, 'there is no meridian.config.ts here or in a folder above')
      assert.match(broken.stderr, /meridian\.config\.ts:2:/)
      assert.match(empty.stderr, 'has no project')
    },
    {
      'broken/meridian.config.ts': "import { defineConfig } from 'meridian'\nexport default defineConfig({ name: )\n",
      'empty/meridian.config.ts': 'export const project = 1\n',
    },
  ),
)

test(
  'a dialect that there is not is told in one line, by every verb',
  withProject(
    async ({ meridian }) => {
      const outcomes = await Promise.all([
        meridian(['build']),
        meridian(['check', '--json']),
        meridian(['plan']),
        meridian(['explain', 'order_stats']),
        meridian(['build'], { in: 'empty' }),
        meridian(['build'], { in: 'text' }),
      ])
      const messages = [
        ...Array(4).fill(
          'project "shop": there is no dialect "postgre", did you mean "postgres"? (there are duckdb, postgres)',
        ),
        'project "shop": dialects is empty: leave it out for all (duckdb, postgres)',
        'project "shop": dialects is a list: [\'duckdb\']',
      ]
      for (const [index, { code, stdout, stderr }] of outcomes.entries()) {
        assert.equal([code, stdout], [2, ''])
        assert.match(stderr, /^error \/.*meridian\.config\.ts: /)
        assert.ok(stderr.endsWith(`meridian.config.ts: ${messages[index]}\n`), stderr)
        assert.is(stderr.trimEnd().split('\n').length, 1)
      }
    },
    {
      'features.ts': definitions(),
      'meridian.config.ts': config.replace("'generated'", "'generated', dialects: ['postgre'] as never"),
      'empty/meridian.config.ts': config.replace("'generated'", "'generated', dialects: []"),
      'text/meridian.config.ts': config.replace("'generated'", "'generated', dialects: 'duckdb' as never"),
    },
  ),
)

test(
  'a project has a name that its store can have',
  withProject(
    async ({ meridian, folder }) => {
      assert.is((await meridian(['build'])).code, 0)
      assert.match(await readFile(join(folder, 'generated/index.ts'), 'utf8'), /\bMyShopStore\b/)
      const { code, stderr } = await meridian(['build'], { in: 'wrong' })
      assert.is(code, 2)
      assert.ok(stderr.endsWith('a name is letters, digits, _ and -, the first a letter: "2 shops" is none\n'), stderr)
    },
    {
      'features.ts': definitions(),
      'meridian.config.ts': config.replace("'shop'", "'my-shop'"),
      'wrong/meridian.config.ts': config.replace("'shop'", "'2 shops'"),
    },
  ),
)

test.run()
