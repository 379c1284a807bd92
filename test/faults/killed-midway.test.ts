import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, vi } from 'vitest'
import { canBind, readAsAdmin } from '#src/sandbox/directories/client.ts'
import { slapdTree } from '#src/sandbox/directories/slapd-config.ts'
import { personDn } from '#src/sandbox/directories/slapd-data.ts'
import { cast } from '#src/sandbox/stage.ts'
import { connected, rootsAbout } from '#test/faults/people.ts'
import { openTheatre, type Theatre } from '#test/faults/theatre.ts'
import { password } from '#test/helpers/directory-people.ts'
import { describeWithDirectory } from '#test/helpers/directories.ts'
import { type FaultProxy, startFaultProxy } from '#test/helpers/fault-proxy.ts'

const describeSlapd = await describeWithDirectory('slapd')
const patience = { timeout: 240_000 }
// Asks whether a change would be allowed, and changes nothing.
const noOperation = '1.3.6.1.4.1.4203.666.5.2'
const login = 'u00'

interface Scene extends AsyncDisposable {
  readonly theatre: Theatre
  readonly proxy: FaultProxy
}

/** A bot whose only directory is behind a proxy, on a database that outlives it. */
async function setScene(): Promise<Scene> {
  await using stack = new AsyncDisposableStack()
  const folder = await mkdtemp(join(tmpdir(), 'drawbridge-midway-'))
  stack.defer(() => rm(folder, { recursive: true, force: true }))
  // The proxy's port stands in the configuration before the server is there.
  const to = { host: '127.0.0.1', port: 0 }
  const proxy = stack.use(await startFaultProxy(to))
  const system = {
    id: 'unix-ldap',
    kind: 'openldap',
    url: `ldap://127.0.0.1:${proxy.port}`,
    bind_dn: slapdTree.service,
    bind_password: '${LDAP_PASSWORD}',
    base_dn: slapdTree.people,
  }
  const theatre = stack.use(
    await openTheatre({
      people: 1,
      bots: 1,
      databaseUrl: `sqlite:${join(folder, 'drawbridge.db')}`,
      changes: {
        iam_systems: [system],
        approval: { disable_account: { approvers: 0 }, enable_account: { approvers: 0 } },
        enforcement: { call_timeout: '2s', drift_checks: ['5s'] },
      },
    }),
  )
  to.port = theatre.slapd.port
  const owned = stack.move()
  return { theatre, proxy, [Symbol.asyncDispose]: () => owned.disposeAsync() }
}

const said = ({ slack }: Theatre): string =>
  rootsAbout(slack, login)
    .flatMap((root) => [root.text, ...root.replies.map((reply) => reply.text)])
    .join('\n')
const until = (what: string, look: () => Promise<boolean> | boolean) =>
  vi.waitFor(
    async () => {
      if (!(await look())) throw new Error(`waited in vain for ${what}`)
    },
    { timeout: 60_000, interval: 20 },
  )

describeSlapd('a bot that is killed after a change was sent and before it heard how that went', () => {
  it(
    'says that the state is unknown while nobody can look, and tells it once somebody can',
    patience,
    async () => {
      await using scene = await setScene()
      const { theatre, proxy } = scene
      const { slack, slapd } = theatre
      const isLocked = async () => {
        const { pwdAccountLockedTime = [] } = await readAsAdmin(slapd.admin, personDn(login), [
          'pwdAccountLockedTime',
        ])
        return pwdAccountLockedTime.length > 0
      }
      const rita = slack.as(cast.responder)
      const bot = theatre.start(0)
      await connected(slack)
      await rita.command(cast.channel, `/disable-user ${login}@corp.example midway`)
      const form = await rita.modal('disable_user')
      proxy.fail({ kind: 'keep_silent', at: 'modify', without: noOperation })
      await form.submit()
      await until('the lock', isLocked)
      await bot.kill()
      proxy.fail({ kind: 'cut_before', at: 'bind' })
      proxy.cutAll()

      theatre.start(0)
      await until('an end', () => said(theatre).includes(': Unsuccessful.'))
      await until('the reply', () => said(theatre).includes('✖ *unix-ldap*'))
      expect(said(theatre)).toContain('was sent the change for `uid=u00`')
      expect(said(theatre)).toContain('Its state is unknown')
      expect(said(theatre)).not.toContain('was not changed')
      expect(said(theatre)).not.toMatch(/unix-ldap\*? disabled/u)
      expect(await canBind(slapd.admin, personDn(login), password)).toBe(false)

      proxy.fail(undefined)
      await until('the later look', () => said(theatre).includes('reads as disabled'))
      await until('the good end', () => said(theatre).includes(': Successful.'))
      await rita.command(cast.channel, `/enable-user ${login}@corp.example`)
      const enable = await rita.modal('enable_user')
      await enable.fill('safe', ['verified'])
      await enable.submit()
      await until('the open account', async () => !(await isLocked()))
      expect(await canBind(slapd.admin, personDn(login), password)).toBe(true)
    },
  )
})
