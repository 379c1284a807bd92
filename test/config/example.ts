import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parse, stringify } from 'yaml'
import { loadConfig, type LoadedConfig } from '#src/config.ts'

/** Values for all variables that the example names. */
export const exampleEnvironment = {
  SLACK_BOT_TOKEN: 'xoxb-bot-hidden',
  SLACK_APP_TOKEN: 'xapp-app-hidden',
  DRAWBRIDGE_WEB_SECRET: `${'n'.repeat(32)}-hidden,${'o'.repeat(32)}-hidden`,
  CORP_AD_PASSWORD: 'ad-hidden',
  LDAP_PASSWORD: 'ldap-hidden',
  LDAP_CANARY_PASSWORD: 'canary-hidden',
  ENTRA_CLIENT_SECRET: 'entra-hidden',
  GRAFANA_CLIENT_SECRET: `${'g'.repeat(32)}-hidden`,
}

/** A folder that is gone when the block ends. */
export function temporaryFolder(): Disposable & { readonly path: string } {
  const path = mkdtempSync(join(tmpdir(), 'drawbridge-config-'))
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) }
}

/** The example, with the files that it names made in `folder`. */
export function exampleText(folder: string): string {
  for (const name of ['corp-ca.pem', 'ldap-ca.pem', 'okta-key.pem']) writeFileSync(join(folder, name), '')
  return readFileSync('docs/drawbridge.example.yaml', 'utf8').replaceAll('/etc/drawbridge', folder)
}

/** Loads a text as the configuration file. */
export function load(text: string, options: { readonly env?: Record<string, string> } = {}): LoadedConfig {
  using folder = temporaryFolder()
  const path = join(folder.path, 'drawbridge.yaml')
  writeFileSync(path, text)
  return loadConfig({ path, env: exampleEnvironment, ...options })
}

/** New values by path, like `roles.owner[0]`; undefined takes the key out. */
export type Changes = Readonly<Record<string, unknown>>

/** Loads the example with changes. */
export function loadChanged(changes: Changes): LoadedConfig {
  using folder = temporaryFolder()
  const file: unknown = parse(exampleText(folder.path))
  for (const [path, value] of Object.entries(changes))
    change(file, path.split(/\.|\[(\d+)\]/).filter(Boolean), value)
  return load(stringify(file))
}

/** Puts a value in the place of what is at the path; does nothing where the way there is not. */
export function change(file: unknown, at: readonly string[], value: unknown): void {
  const [key, ...rest] = at
  if (typeof file !== 'object' || file === null || key === undefined) return
  if (rest.length > 0) change(Reflect.get(file, key), rest, value)
  else if (value === undefined) Reflect.deleteProperty(file, key)
  else Reflect.set(file, key, value)
}

/** The mistakes as `path: sentence`; empty when there are none. */
export function mistakesOf(loaded: LoadedConfig): readonly string[] {
  return loaded.kind === 'ok' ? [] : loaded.mistakes.map(({ path, sentence }) => `${path}: ${sentence}`)
}
