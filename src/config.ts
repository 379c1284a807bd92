import { type Mistake, pathText, type RawMistake } from '#src/config/mistakes.ts'
import { type Environment, type ReadFile, readConfigFile } from '#src/config/read.ts'
import { type FileConfig, readSections } from '#src/config/sections.ts'
import { type LogLevel, logLevels } from '#src/log.ts'

export { adviceOn } from '#src/config/advice.ts'
export type { Mistake } from '#src/config/mistakes.ts'
export type { Environment } from '#src/config/read.ts'
export type { IamSystemConfig } from '#src/config/systems.ts'

/** The whole configuration: durations in milliseconds, secrets wrapped, defaults filled in. */
export interface Config extends FileConfig {
  /** From `DRAWBRIDGE_LOG_LEVEL`. */
  readonly logLevel: LogLevel
}

export type LoadedConfig =
  | { readonly kind: 'ok'; readonly config: Config }
  | { readonly kind: 'mistakes'; readonly mistakes: readonly Mistake[] }

/** From where the configuration is loaded. */
export interface LoadOptions {
  /** Default: `configPath()`. */
  readonly path?: string | undefined
  /** Default: the environment of the process. */
  readonly env?: Environment | undefined
}

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
  const read = readSections(file.data)
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
