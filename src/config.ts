import { type Mistake, pathText, type RawMistake } from '#src/config/mistakes.ts'
import { type Environment, type ReadFile, readConfigFile } from '#src/config/read.ts'
import { type FileConfig, readSections } from '#src/config/sections.ts'
import { summaryOf } from '#src/config/summary.ts'
import { type LogLevel, logLevels } from '#src/log.ts'

export type { Mistake } from '#src/config/mistakes.ts'
export type { Environment } from '#src/config/read.ts'
export type { SlackConfig } from '#src/config/slack.ts'
export type { IamSystemConfig } from '#src/config/systems.ts'

/** The whole configuration: durations in milliseconds, secrets wrapped, defaults filled in. */
export interface Config extends FileConfig {
  /** From `DRAWBRIDGE_LOG_LEVEL`. */
  readonly logLevel: LogLevel
}

export type LoadedConfig =
  | { readonly kind: 'ok'; readonly config: Config }
  | { readonly kind: 'mistakes'; readonly mistakes: readonly Mistake[] }

export interface LoadOptions {
  /** Default: `configPath()`. */
  readonly path?: string | undefined
  /** Default: the environment of the process. */
  readonly env?: Environment | undefined
  /** Kinds of IAM systems that have a connector; systems of other kinds are refused. */
  readonly availableKinds?: readonly string[] | undefined
}

/** The exit status for a configuration that has to be mended (`EX_CONFIG` of sysexits.h). */
export const wrongConfiguration = 78

/** The kinds of IAM systems that have a connector in this version. */
export const kindsWithConnector = ['active-directory', 'openldap'] as const

/** The path of the configuration file: what `DRAWBRIDGE_CONFIG` says, or `./drawbridge.yaml`. */
export function configPath(env: Environment = process.env): string {
  return env['DRAWBRIDGE_CONFIG'] || './drawbridge.yaml'
}

/**
 * Reads the configuration. Never throws: either all of it is right, or every mistake is listed at once, each with its
 * path and a sentence that says what to do. No sentence holds a secret.
 */
export function loadConfig(options: LoadOptions = {}): LoadedConfig {
  const env = options.env ?? process.env
  const file = readConfigFile(options.path ?? configPath(env), env)
  if (file.data === undefined && file.mistakes.length > 0) return refused(file.mistakes, file)
  const read = readSections(file.data, options.availableKinds ?? kindsWithConnector)
  const logLevel = readLogLevel(env)
  // What could not be filled in has said so already; what the rules think of the gap would only confuse.
  const gaps = new Set(file.mistakes.map(({ path }) => pathText(path)))
  const mistakes = [...file.mistakes, ...read.mistakes.filter(({ path }) => !gaps.has(pathText(path)))]
  if (logLevel === undefined)
    mistakes.push({
      path: ['DRAWBRIDGE_LOG_LEVEL'],
      sentence: `One of ${logLevels.join(', ')} belongs here.`,
    })
  if (mistakes.length > 0 || read.value === undefined || logLevel === undefined)
    return refused(mistakes, file)
  return { kind: 'ok', config: { ...read.value, logLevel } }
}

function readLogLevel(env: Environment): LogLevel | undefined {
  const text = env['DRAWBRIDGE_LOG_LEVEL'] ?? 'info'
  return logLevels.find((level) => level === text)
}

function refused(mistakes: readonly RawMistake[], file: ReadFile): LoadedConfig {
  const placed = mistakes.map(({ path, sentence }) => ({
    path: pathText(path),
    sentence,
    line: file.lineOf(path),
  }))
  return { kind: 'mistakes', mistakes: placed.toSorted((one, other) => (one.line ?? 0) - (other.line ?? 0)) }
}

/** The mistakes as lines for a terminal. */
export function describeMistakes(path: string, mistakes: readonly Mistake[]): readonly string[] {
  const count = mistakes.length === 1 ? 'one thing has' : `${mistakes.length} things have`
  return [
    `Nothing was started: ${count} to be mended in ${path}.`,
    ...mistakes.map((one) => {
      const place = one.line === undefined ? '' : ` (line ${one.line})`
      return one.path === '' ? `  ${one.sentence}` : `  ${one.path}${place}: ${one.sentence}`
    }),
  ]
}

/**
 * `drawbridge config check`: prints what is configured, or every mistake. Starts nothing and asks nobody. Answers the
 * exit status: 0 or 78.
 */
export function configCheck(options: LoadOptions & { readonly print: (line: string) => void }): number {
  const path = options.path ?? configPath(options.env)
  const loaded = loadConfig({ ...options, path })
  const lines =
    loaded.kind === 'ok'
      ? [`The configuration in ${path} is complete.`, ...summaryOf(loaded.config)]
      : describeMistakes(path, loaded.mistakes)
  for (const line of lines) options.print(line)
  return loaded.kind === 'ok' ? 0 : wrongConfiguration
}
