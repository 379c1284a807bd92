import { onTestFinished } from 'vitest'
import { startSlack } from '#src/sandbox/slack/index.ts'
import { readManifest } from '#src/sandbox/workspace/manifest.ts'
import { serveWorkspace } from '#src/sandbox/workspace/server.ts'

/** The page over a workspace with Rita in #ops and no bot; ends with the test. `port` 0 takes any that is free. */
export async function serveTestPage(port = 0) {
  const slack = await startSlack({
    users: [{ id: 'U0RITA', name: 'rita', realName: 'Rita Ramos' }],
    channels: [{ id: 'C0OPS', name: 'ops' }],
  })
  onTestFinished(() => slack[Symbol.asyncDispose]())
  const page = await serveWorkspace({
    ...{ slack, manifest: readManifest(), port, alsoChanges: [] },
    cast: [{ id: 'U0RITA', name: 'rita', realName: 'Rita Ramos', role: 'Responder', may: 'asks' }],
    channels: { security: 'C0OPS' },
    links: { signIn: 'http://localhost:1', wiki: 'http://127.0.0.1:1' },
    mailbox: { mails: () => [], onMail: () => () => {} },
    outside: { state: () => ({ systems: [], bot: { kind: 'ended', status: 0 } }), act: async () => '' },
  })
  onTestFinished(() => page[Symbol.asyncDispose]())
  return { slack, url: page.url, port: page.port }
}
