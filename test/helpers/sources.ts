import { globSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'

/** One import of a source file. */
export interface Import {
  readonly line: number
  /** A path of this repository like `src/log.ts`, or a package or `node:` name as written. */
  readonly target: string
  /** Gone when the program runs. */
  readonly typeOnly: boolean
}

/** A source file as the rules of the house look at it. */
export interface Source {
  readonly path: string
  /** Its lines as written. */
  readonly lines: readonly string[]
  /** Its lines with comments emptied. */
  readonly code: readonly string[]
  readonly imports: readonly Import[]
}

/** All TypeScript files below the folders, with paths from the top of the repository. */
export function readSources(...folders: readonly string[]): readonly Source[] {
  return folders.flatMap((folder) =>
    globSync(`${folder}/**/*.ts`).map((path) => read(path.replaceAll('\\', '/'))),
  )
}

function read(path: string): Source {
  const text = readFileSync(path, 'utf8')
  const lines = text.split('\n')
  const withoutBlocks = text.replaceAll(/\/\*[\s\S]*?\*\//g, (block) => block.replaceAll(/[^\n]/g, ' '))
  const code = withoutBlocks.split('\n').map((line) => line.replace(/(^|[\s;,)}])\/\/.*$/, '$1'))
  return { path, lines, code, imports: importsOf(path, code.join('\n')) }
}

const statement =
  /^(?:import|export)\s+(type\s+)?(?:[\w*{}\s,$]+?\s+from\s+)?'([^']+)'|\bimport\(\s*'([^']+)'\s*\)/gm

function importsOf(path: string, code: string): readonly Import[] {
  return [...code.matchAll(statement)].map((found) => {
    const target = found[2] ?? found[3] ?? ''
    return {
      line: code.slice(0, found.index).split('\n').length,
      target: target.startsWith('.') ? normalize(join(dirname(path), target)) : target.replace(/^#/, ''),
      typeOnly: found[1] !== undefined,
    }
  })
}
