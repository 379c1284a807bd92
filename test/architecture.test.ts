import { globSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { readSources, type Source } from '#test/helpers/sources.ts'

// The layout of docs/architecture.md. A failure names file:line and the rule.
const sources = readSources('src', 'db')
const everything = [...sources, ...readSources('test', 'bench')]
const starts = (text: string, prefixes: readonly string[]): boolean =>
  prefixes.some((one) => text.startsWith(one))

const base = ['clock', 'errors', 'ids', 'limits', 'log', 'secrets'].map((name) => `src/${name}.ts`)
const subjects = [
  'src/tasks/',
  'src/approvals/',
  'src/people/',
  'src/audit/',
  'src/local-users/',
  'src/sign-in/',
  'src/retention.ts',
]
const iamPort = ['connector', 'match', 'find-target', 'target', 'person-query', 'doctor', 'doctor-words'].map(
  (name) => `src/iam/${name}.ts`,
)
const work = ['src/jobs/', 'src/outbox/']
const queries = (...names: readonly string[]): readonly string[] =>
  names.map((name) => `db/queries/${name}.ts`)

/** What a file may import from this repository, by the beginning of its path; the first line that fits counts. */
const arrows: readonly (readonly [from: readonly string[], to: readonly string[]])[] = [
  [['src/main.ts'], ['src/', 'db/']],
  [['src/app/rules.ts'], ['src/config.ts', 'src/sign-in/', 'src/tasks/deps.ts']],
  [
    ['src/app.ts', 'src/app/'],
    ['src/', 'db/'],
  ],
  [['db/schema/'], ['db/schema/', 'db/kit.ts']],
  [['db/queries/'], ['db/']],
  [['db/'], ['db/']],
  [
    ['src/jobs/'],
    [...base, 'src/jobs/', 'db/store.ts', ...queries('jobs', 'journal', 'schedules', 'pauses')],
  ],
  [
    ['src/outbox/'],
    [...base, ...work, 'db/store.ts', 'src/iam/connector.ts', ...queries('outbox', 'threads', 'pauses')],
  ],
  [['src/doctor.ts'], [...base, 'src/iam/', 'src/config.ts']],
  [['src/job-list.ts'], [...base, ...subjects, 'src/jobs/job.ts']],
  // Signing in builds on local users, never the other way round.
  [
    ['src/local-users/'],
    [
      ...[...base, ...subjects.filter((subject) => subject !== 'src/sign-in/'), ...iamPort, ...work],
      ...['db/store.ts', 'db/queries/'],
    ],
  ],
  [subjects, [...base, ...subjects, ...iamPort, ...work, 'db/store.ts', 'db/queries/']],
  [['src/mail/'], [...base, ...subjects, 'src/mail/']],
  [['src/web/'], [...base, ...subjects, 'src/web/']],
  [['src/iam/connectors.ts'], [...base, 'src/iam/', 'src/config.ts']],
  [['src/iam/'], [...base, 'src/iam/', 'src/people/protection.ts']],
  [
    ['src/slack/'],
    [...base, ...subjects, ...iamPort, 'src/slack/', 'src/outbox/', 'db/store.ts', 'db/queries/'],
  ],
  [
    ['src/config.ts', 'src/config/'],
    [...base, 'src/config.ts', 'src/config/', 'src/iam/'],
  ],
  [['src/operations/'], [...base, 'src/operations/']],
  [['src/sandbox/'], ['src/sandbox/']],
  [base, base],
]

/** Packages that only some files may use. */
const packages: readonly (readonly [name: RegExp, where: readonly string[]])[] = [
  [/^@slack\//, ['src/slack/', 'src/sandbox/']],
  [/^undici$/, ['src/slack/']],
  [/^drizzle-(orm|kit)(\/|$)/, ['db/']],
  [/^better-sqlite3$/, ['db/sqlite.ts']],
  [/^pg$/, ['db/postgres.ts']],
  [/^ldapts$/, ['src/iam/ldap.ts', 'src/iam/ldap/', 'src/sandbox/']],
  [/^nodemailer$/, ['src/mail/']],
  [/^csv-parse$/, ['src/local-users/csv-file.ts']],
  [/^(otpauth|@simplewebauthn\/server)$/, ['src/sign-in/']],
  [/^qrcode$/, ['src/web/']],
  [/^pino$/, ['src/log.ts']],
  [/^prom-client$/, ['src/operations/']],
  [/^yaml$/, ['src/config/', 'src/sandbox/']],
  [/^commander$/, ['src/main.ts', 'src/sandbox/main.ts']],
  [/^node-cron$/, ['src/jobs/']],
  [/^(ws|node:child_process)$/, ['src/sandbox/']],
  [
    /^(hono|@hono\/node-server)(\/|$)/,
    ['src/mail/', 'src/operations/', 'src/web/', 'src/slack/', 'src/sandbox/'],
  ],
]

/** Words that only some files may say. */
const words: readonly (readonly [word: RegExp, where: readonly string[]])[] = [
  [/\bprocess\.env\b/, ['src/config.ts', 'src/sandbox/environment.ts']],
  [/\bDate\.now\b|\bnew Date\(\)|\bMath\.random\b/, [...base, 'src/jobs/backoff.ts', 'src/sandbox/']],
  // PostgreSQL's retries wait for a random moment, and `db` imports nothing from `src`.
  [/\brandom(Bytes|UUID|Int)\b/, [...base, 'src/sandbox/', 'db/postgres.ts']],
  [/\bconsole\./, []],
]

test('files import only what their place allows', () => {
  const wrong = sources.flatMap(({ path, imports }) => {
    const allowed = arrows.find(([from]) => starts(path, from))?.[1]
    if (allowed === undefined)
      return [`${path} has no place in the layout: give it one in test/architecture.test.ts`]
    return imports
      .filter(({ target }) => /^(src|db|test|bench)\//.test(target))
      .filter(({ target }) => !starts(target, allowed) || isTop(target, path))
      .map(({ line, target }) => `${path}:${line} may not import ${target}`)
  })
  expect(sources.length).toBeGreaterThan(100)
  expect(wrong).toEqual([])
})

/** Nobody imports the entry, only the entry imports the wiring, and only the wiring its parts. */
function isTop(target: string, path: string): boolean {
  if (target.startsWith('src/app/')) return path !== 'src/app.ts'
  return target === 'src/main.ts' || (target === 'src/app.ts' && path !== 'src/main.ts')
}

test('packages, the environment, the clock and chance are used only in their places', () => {
  const used = sources.flatMap(({ path, imports }) =>
    imports.flatMap(({ line, target }) => {
      const rule = packages.find(([name]) => name.test(target))
      return rule === undefined || starts(path, rule[1]) ? [] : [`${path}:${line} may not import ${target}`]
    }),
  )
  const said = sources.flatMap(({ path, code }) =>
    code.flatMap((line, i) =>
      words.flatMap(([word, where]) =>
        word.test(line) && !starts(path, where)
          ? [`${path}:${i + 1} may not say ${word.exec(line)?.[0]}`]
          : [],
      ),
    ),
  )
  expect([...used, ...said]).toEqual([])
})

test('modules do not import each other in a circle', () => {
  const next = new Map(
    sources.map(({ path, imports }) => [
      path,
      imports.filter((one) => !one.typeOnly).map((one) => one.target),
    ]),
  )
  const done = new Set<string>()
  const circles: string[] = []
  const walk = (path: string, trail: readonly string[]): void => {
    if (trail.includes(path)) circles.push([...trail.slice(trail.indexOf(path)), path].join(' → '))
    if (trail.includes(path) || done.has(path)) return
    for (const target of next.get(path) ?? []) walk(target, [...trail, path])
    done.add(path)
  }
  for (const path of next.keys()) walk(path, [])
  expect(circles).toEqual([])
})

test('files stay short: 300 lines, tests 500', () => {
  const long = everything.filter(
    ({ path, lines }) => lines.length - 1 > (/^(test|bench)\//.test(path) ? 500 : 300),
  )
  expect(long.map(({ path, lines }) => `${path} has ${lines.length - 1} lines`)).toEqual([])
})

test('every export of a value or an interface says what it promises', () => {
  const silent = sources.flatMap(({ path, lines }) =>
    lines.flatMap((line, i) => {
      const name = /^export (?:async )?(?:function\*?|const|class|interface) (\w+)/.exec(line)?.[1]
      const before = lines.slice(0, i).findLast((one) => !one.startsWith('//')) ?? ''
      // One sentence serves constants that stand together.
      return name === undefined || before.trimEnd().endsWith('*/') || /^export const .*[^{[(]$/.test(before)
        ? []
        : [`${path}:${i + 1} ${name} has no sentence above it`]
    }),
  )
  expect(silent).toEqual([])
})

test('files have named exports only', () => {
  const wrong = sources.filter(
    ({ path, code }) =>
      !path.startsWith('db/drizzle.') && code.some((line) => /^export default\b/.test(line)),
  )
  expect(wrong.map(({ path }) => path)).toEqual([])
})

function sourceOf(path: string): Source {
  const source = sources.find((one) => one.path === path)
  if (source === undefined) throw new Error(`${path} is not there`)
  return source
}

test('every connector is on the list', () => {
  const folders = sources.flatMap(({ path }) => /^src\/iam\/([^/]+)\/index\.ts$/.exec(path)?.[1] ?? [])
  const listed = sourceOf('src/iam/connectors.ts').imports.flatMap(
    ({ target }) => /^src\/iam\/([^/]+)\/index\.ts$/.exec(target)?.[1] ?? [],
  )
  expect(listed.toSorted()).toEqual(folders.toSorted())
})

test('every listener is on the list', () => {
  const { code, imports } = sourceOf('src/slack/listeners.ts')
  const list = code.join('\n').slice(code.join('\n').indexOf('export const listeners'))
  const forgotten = sources.flatMap((source) => {
    const isEdge = /^src\/slack\/(commands|modals|actions|shortcuts|home)\//.test(source.path)
    if (!isEdge) return []
    const names = source.code.flatMap(
      (line) =>
        /^export const (\w+) = (?:define|\w*(?:Button|Command|Modal|Menu|Shortcut)\()/.exec(line)?.[1] ?? [],
    )
    const isImported = imports.some(({ target }) => target === source.path)
    return names
      .filter((name) => !isImported || !new RegExp(`\\b${name}\\b`).test(list))
      .map((name) => `${source.path} ${name}`)
  })
  expect(forgotten).toEqual([])
})

test('every job kind is on the list', () => {
  const { code } = sourceOf('src/job-list.ts')
  const kinds = sources.flatMap(({ path, code: lines }) =>
    lines.flatMap((line) => {
      const name = /^export function (\w+Job)\(/.exec(line)?.[1]
      return name === undefined || path.startsWith('src/jobs/') ? [] : [name]
    }),
  )
  expect(kinds.length).toBeGreaterThan(0)
  expect(kinds.filter((name) => !code.some((line) => line.includes(`    ${name}(`)))).toEqual([])
})

test('every file that is named in the documentation is there', () => {
  const pages = [...globSync('docs/**/*.md'), 'README.md', 'CONTRIBUTING.md', 'SECURITY.md']
  const dead = pages.flatMap((page) =>
    [...readFileSync(page, 'utf8').matchAll(/\]\((?!https?:|#|mailto:)([^)#\s]+)/g)].flatMap(
      ([, target = '']) => {
        const path = new URL(target, `file:///${page}`).pathname.slice(1)
        return globSync(path).length > 0 ? [] : [`${page} links to ${target}`]
      },
    ),
  )
  expect(dead).toEqual([])
})
