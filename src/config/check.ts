import { adviceOn, type Config, configPath, type LoadOptions, loadConfig } from '#src/config.ts'
import type { Mistake } from '#src/config/mistakes.ts'
import { summaryOf } from '#src/config/summary.ts'

/** The exit status for a configuration that has to be mended (`EX_CONFIG` of sysexits.h). */
export const wrongConfiguration = 78

/**
 * `drawbridge config check`: writes what is configured, or every mistake, line by line. Starts nothing and asks nobody.
 * Answers the exit status: 0 or 78.
 */
export function configCheck(options: LoadOptions & { readonly write: (line: string) => void }): number {
  const path = options.path ?? configPath(options.env)
  const loaded = loadConfig({ ...options, path })
  const lines =
    loaded.kind === 'ok'
      ? [
          `The configuration in ${path} is complete.`,
          ...summaryOf(loaded.config),
          ...adviceLines(loaded.config),
        ]
      : describeMistakes(path, loaded.mistakes)
  for (const line of lines) options.write(line)
  return loaded.kind === 'ok' ? 0 : wrongConfiguration
}

function adviceLines(config: Config): readonly string[] {
  return adviceOn(config).map(({ path, sentence }) => `  ! ${path}: ${sentence}`)
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
