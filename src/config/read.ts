import { readFileSync } from 'node:fs'
import { isMap, isScalar, LineCounter, parseDocument } from 'yaml'
import type { Path, RawMistake } from '#src/config/mistakes.ts'

/** The environment that `${NAME}` is taken from. */
export type Environment = Readonly<Record<string, string | undefined>>

/** A file as read: plain data with everything filled in, and where its parts stand. */
export interface ReadFile {
  readonly data: unknown
  readonly mistakes: readonly RawMistake[]
  /** The line on which the path, or the nearest part above it that is there, begins. */
  readonly lineOf: (path: Path) => number | undefined
}

type Lines = ReadFile['lineOf']

/** Reads YAML and fills in `${NAME}` and `${file:PATH}`. Never throws: what does not work is a mistake. */
export function readConfigFile(path: string, env: Environment): ReadFile {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    const sentence = `The file ${path} cannot be read (${codeOf(error)}). Set DRAWBRIDGE_CONFIG to the path of your configuration.`
    return { data: undefined, mistakes: [{ path: [], sentence }], lineOf: () => undefined }
  }
  try {
    return readConfigText(text, env)
  } catch {
    const sentence = 'The file cannot be read as YAML: it is nested too deeply or repeats itself.'
    return { data: undefined, mistakes: [{ path: [], sentence }], lineOf: () => undefined }
  }
}

function readConfigText(text: string, env: Environment): ReadFile {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, stringKeys: true })
  const problems = [...document.errors, ...document.warnings]
  if (problems.length > 0) {
    const mistakes = problems.map((problem) => {
      const { line, col } = lines.linePos(problem.pos[0])
      return { path: [], sentence: `Line ${line}, column ${col} is not YAML as expected (${problem.code}).` }
    })
    return { data: undefined, mistakes, lineOf: () => undefined }
  }
  const lineOf: Lines = (path) => lineOfPath(document.contents, path, lines)
  const mistakes: RawMistake[] = []
  const data = fillIn(document.toJS({ maxAliasCount: 100 }), [], env, mistakes)
  return { data, mistakes, lineOf }
}

function lineOfPath(contents: unknown, path: Path, lines: LineCounter): number | undefined {
  let node = contents
  let offset: number | undefined
  for (const part of path) {
    if (isMap(node)) {
      const pair = node.items.find(({ key }) => isScalar(key) && key.value === part)
      if (pair === undefined) break
      offset = startOf(pair.key) ?? offset
      node = pair.value
    } else {
      node = Array.isArray(itemsOf(node)) && typeof part === 'number' ? itemsOf(node)?.[part] : undefined
      offset = startOf(node) ?? offset
    }
  }
  return offset === undefined ? undefined : lines.linePos(offset).line
}

function itemsOf(node: unknown): readonly unknown[] | undefined {
  if (typeof node !== 'object' || node === null || !('items' in node)) return undefined
  return Array.isArray(node.items) ? node.items : undefined
}

function startOf(node: unknown): number | undefined {
  if (typeof node !== 'object' || node === null || !('range' in node)) return undefined
  const first: unknown = Array.isArray(node.range) ? node.range[0] : undefined
  return typeof first === 'number' ? first : undefined
}

function fillIn(value: unknown, path: Path, env: Environment, mistakes: RawMistake[]): unknown {
  if (typeof value === 'string') return fillText(value, path, env, mistakes)
  if (Array.isArray(value)) return value.map((one, i) => fillIn(one, [...path, i], env, mistakes))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, one]) => [key, fillIn(one, [...path, key], env, mistakes)]),
  )
}

/** `$${` stands for `${` itself. */
function fillText(text: string, path: Path, env: Environment, mistakes: RawMistake[]): string {
  return text.replaceAll(/\$\$\{|\$\{([^}]*)\}/g, (found, name: string | undefined) => {
    if (name === undefined) return '${'
    const taken = name.startsWith('file:') ? fromFile(name.slice(5)) : fromEnvironment(name, env)
    if (typeof taken === 'object') mistakes.push({ path, sentence: taken.sentence })
    return typeof taken === 'string' ? taken : found
  })
}

type Taken = string | { readonly sentence: string }

function fromEnvironment(name: string, env: Environment): Taken {
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name))
    return {
      sentence:
        'Write ${NAME} for an environment variable or ${file:PATH} for a file; $${ stands for ${ itself.',
    }
  const value = env[name]
  if (value === undefined)
    return { sentence: `The environment variable ${name} is not set. Set it and start again.` }
  if (value === '')
    return { sentence: `The environment variable ${name} is empty. Give it a value and start again.` }
  return value
}

function fromFile(path: string): Taken {
  try {
    return readFileSync(path, 'utf8').replace(/\r?\n$/, '')
  } catch (error) {
    return { sentence: `The file ${path} cannot be read (${codeOf(error)}). Create it, or mend the path.` }
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string'
    ? error.code
    : 'unknown reason'
}
