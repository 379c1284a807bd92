import { existsSync, readFileSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { listeners } from '#src/slack/listeners.ts'
import { manifestFiles, slackManifest } from '#src/slack/manifest.ts'
import { methodScopes } from '#src/slack/methods.ts'

const reference = new URL('../../../shared/data/', import.meta.url)
const schemaFile = new URL('manifest.schema.2.0.0.json', reference)
const methodsFile = new URL('slack-methods.json', reference)

const command = {
  kind: 'command',
  name: '/disable-user',
  description: 'Disable a person’s accounts',
  usageHint: '[person] [description]',
  help: '',
  right: 'responder',
  loadingView: undefined,
  run: async () => {},
} as const

const Methods = z.record(z.string(), z.object({ scope: z.union([z.string(), z.array(z.string())]) }))

describe('the manifests', () => {
  test.skipIf(!existsSync(schemaFile)).each(['socket', 'http'] as const)(
    'are valid for Slack in %s mode',
    (mode) => {
      const schema = z.fromJSONSchema(JSON.parse(readFileSync(schemaFile, 'utf8')))
      expect(schema.safeParse(slackManifest(mode, [command])).error).toBeUndefined()
      expect(schema.safeParse({ ...slackManifest(mode, []), surprise: 1 }).success).toBe(false)
    },
  )

  test('tell Slack to mark people in what is typed', () => {
    const { features } = slackManifest('socket', [command])
    expect(features.slash_commands).toEqual([
      expect.objectContaining({ command: '/disable-user', should_escape: true }),
    ])
  })

  test('name an address for requests in HTTP mode only', () => {
    expect(JSON.stringify(slackManifest('http', [command]))).toContain('/slack/events')
    expect(JSON.stringify(slackManifest('socket', [command]))).not.toContain('/slack/events')
  })

  test('ask for the least scopes', () => {
    expect(slackManifest('socket', []).oauth_config.scopes.bot).toEqual([
      'channels:history',
      'chat:write',
      'commands',
      'files:read',
      'files:write',
      'groups:history',
      'usergroups:read',
      'users:read',
      'users:read.email',
    ])
  })

  test('each method that asks for a scope is called somewhere', async () => {
    const files = (await readdir('src/slack', { recursive: true })).filter((file) => file.endsWith('.ts'))
    const sources = await Promise.all(
      files.filter((file) => file !== 'methods.ts').map((file) => readFile(`src/slack/${file}`, 'utf8')),
    )
    const all = sources.join('\n')
    expect(Object.keys(methodScopes).filter((method) => !all.includes(`'${method}'`))).toEqual([])
  })

  test.skipIf(!existsSync(methodsFile)).each(Object.entries(methodScopes))(
    'the scopes of %s are among those that Slack names for it',
    (method, scopes) => {
      const known = Methods.parse(JSON.parse(readFileSync(methodsFile, 'utf8')))[method]?.scope ?? []
      // The e-mail comes with users.info only when this scope is granted too.
      const asked = scopes.filter((scope) => scope !== 'users:read.email')
      expect(known).toEqual(expect.arrayContaining(asked))
      expect(asked.length > 0).toBe(known.length > 0)
    },
  )

  test.each(manifestFiles(listeners))(
    '$path is what `npm run manifests` writes now',
    async ({ path, text }) => {
      expect(await readFile(path, 'utf8')).toBe(text)
    },
  )

  test('are written for both modes', () => {
    expect(manifestFiles([command]).map((file) => file.path)).toEqual([
      'manifests/slack/socket.json',
      'manifests/slack/http.json',
    ])
  })
})
