import { once } from 'node:events'
import { createServer } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type LdapAccess, type LdapSession, openSession } from '#src/iam/ldap.ts'
import type { LdapServers } from '#src/iam/ldap/settings.ts'
import { createOpenLdapConnector } from '#src/iam/openldap/index.ts'
import { modifyAsAdmin, readAsAdmin } from '#src/sandbox/directories/client.ts'
import { personDn } from '#src/sandbox/directories/slapd-data.ts'
import { type Slapd, startSlapd } from '#src/sandbox/directories/slapd.ts'
import { secret } from '#src/secrets.ts'
import { startPeopledSlapd } from '#test/directories/openldap-fixture.ts'
import { memoryContext } from '#test/helpers/change-context.ts'
import { startDeafListener } from '#test/helpers/deaf-listener.ts'
import { describeWithDirectory } from '#test/helpers/directories.ts'
import { openLdapSettings } from '#test/helpers/directory-settings.ts'
import { type Fault, type FaultProxy, startFaultProxy } from '#test/helpers/fault-proxy.ts'
import { failure } from '#test/helpers/connector-failure.ts'

const describeSlapd = await describeWithDirectory('slapd')

const never = new AbortController().signal
const alice = personDn('anguyen')
const replaceMail = [{ operation: 'replace', attribute: 'pwdEndTime', values: ['20200101000000Z'] }] as const

describeSlapd('an LDAP connection', () => {
  let server: Slapd
  let proxy: FaultProxy
  beforeAll(async () => {
    server = await startPeopledSlapd()
    proxy = await startFaultProxy({ host: '127.0.0.1', port: server.port })
  })
  afterAll(async () => {
    await proxy[Symbol.asyncDispose]()
    await server[Symbol.asyncDispose]()
  })

  function access(url: string, changes: Partial<LdapServers> = {}, limitMs = 5_000): LdapAccess {
    const { servers } = openLdapSettings(server, { url })
    return {
      servers: { ...servers, ...changes },
      bindDn: server.service.dn,
      bindPassword: secret(server.service.password),
      callTimeoutMs: limitMs,
    }
  }
  const proxied = (limitMs?: number) => access(`ldap://127.0.0.1:${proxy.port}`, {}, limitMs)
  const open = (to: LdapAccess) => openSession(to, never)
  const lookUp = ({ connection }: LdapSession, dn = alice) =>
    connection.readEntry({ base: dn, attributes: ['uid'] })
  const endTime = () => readAsAdmin(server.admin, alice, ['pwdEndTime'])

  describe('and the certificate', () => {
    const kinds = [
      ['from the first byte', () => access(server.ldapsUrl)],
      ['by StartTLS', () => access(server.ldapUrl, { startTls: true })],
      ['by StartTLS with a name', () => access(`ldap://localhost:${server.port}`, { startTls: true })],
    ] as const
    it.each(kinds)('is checked and told %s', async (_, to) => {
      await using session = await open(to())
      expect(session.connection.certificate?.subject).toBe('Sandbox')
      expect(session.connection.certificate?.expiresAt.getTime()).toBeGreaterThan(Date.UTC(2026, 0))
      expect((await lookUp(session))?.dn).toBe(alice)
    })

    it('of an unknown authority ends it before the password is sent', async () => {
      await using clear = await startFaultProxy({ host: '127.0.0.1', port: server.tlsPort })
      const url = `ldaps://127.0.0.1:${clear.port}`
      const error = await failure(open(access(url, { caFile: server.strangerCaFile })))
      expect(error).toMatchObject({ code: 'misconfigured', facts: { detail: 'certificate_untrusted' } })
      const byStartTls = { caFile: server.strangerCaFile, startTls: true }
      expect(await failure(open(access(server.ldapUrl, byStartTls)))).toMatchObject({
        facts: { detail: 'certificate_untrusted' },
      })
    })

    it.each([
      ['wrong_name', 'certificate_wrong_name'],
      ['expired', 'certificate_expired'],
    ] as const)('that is %s has a word of its own', async (certificate, detail) => {
      await using other = await startSlapd({ certificate })
      const { caFile } = other
      expect(await failure(open(access(other.ldapsUrl, { caFile })))).toMatchObject({
        code: 'misconfigured',
        facts: { detail },
      })
      const tls = { caFile, startTls: true }
      expect(await failure(open(access(other.ldapUrl, tls)))).toMatchObject({ facts: { detail } })
    })

    it('needs a file of authorities that can be read', async () => {
      const error = await failure(open(access(server.ldapsUrl, { caFile: '/nowhere/ca.pem' })))
      expect(error).toMatchObject({ code: 'misconfigured', facts: { detail: 'ca_file_unreadable' } })
    })
  })

  describe('that breaks', () => {
    it('is never revived: a later look-up fails instead of finding nobody', async () => {
      proxy.fail(undefined)
      await using session = await open(proxied())
      expect((await lookUp(session))?.dn).toBe(alice)
      const before = proxy.opened()
      proxy.cutAll()
      await expect.poll(() => proxy.open()).toBe(0)
      expect(await failure(lookUp(session))).toMatchObject({
        code: 'unavailable',
        facts: { detail: 'connection_lost' },
      })
      expect(await failure(session.connection.modify(alice, replaceMail))).toMatchObject({
        code: 'unavailable',
      })
      expect(proxy.opened()).toBe(before)
    })

    it.each(['ldaps', 'start_tls'] as const)(
      'by the idle limit of the server (%s) is never revived',
      async (kind) => {
        await using idle = await startSlapd({ idleTimeoutS: 1 })
        const port = kind === 'ldaps' ? idle.tlsPort : idle.port
        await using between = await startFaultProxy({ host: '127.0.0.1', port })
        const scheme = kind === 'ldaps' ? 'ldaps' : 'ldap'
        const changes = { caFile: idle.caFile, startTls: kind === 'start_tls' }
        await using session = await open(access(`${scheme}://127.0.0.1:${between.port}`, changes))
        await expect.poll(() => between.open()).toBe(0)
        expect(await failure(lookUp(session))).toMatchObject({ code: 'unavailable' })
        expect(between.opened()).toBe(1)
      },
    )

    it('by a restart of the server is told, and a new one works', async () => {
      await using own = await startPeopledSlapd()
      const to = access(own.ldapsUrl, { caFile: own.caFile })
      await using session = await open(to)
      await own.restart()
      expect(await failure(lookUp(session))).toMatchObject({ code: 'unavailable' })
      await using next = await open(to)
      expect((await lookUp(next))?.dn).toBe(alice)
    })

    it.each([
      ['cut_before', 'unavailable'],
      ['cut_during', 'unavailable'],
      ['cut_after', 'unavailable'],
      ['garbage', 'bad_response'],
    ] as const)('at a search by %s answers %s, not an empty list', async (kind, code) => {
      proxy.fail({ kind, at: 'search' })
      await using session = await open(proxied())
      expect((await failure(lookUp(session))).code).toBe(code)
    })

    it.each([
      ['cut_before', false],
      ['cut_during', false],
      ['cut_after', true],
      ['garbage', true],
    ] as const)('at a change by %s leaves its outcome unknown', async (kind, applied) => {
      await modifyAsAdmin(server.admin, alice, [{ name: 'pwdEndTime', values: [] }])
      proxy.fail({ kind, at: 'modify' })
      {
        await using session = await open(proxied())
        const error = await failure(session.connection.modify(alice, replaceMail))
        expect(error.code).toBe('unknown_outcome')
      }
      const values = applied ? ['20200101000000Z'] : []
      await expect.poll(endTime).toEqual({ pwdEndTime: values })
      await modifyAsAdmin(server.admin, alice, [{ name: 'pwdEndTime', values: [] }])
    })

    it('leaves no socket open', async () => {
      await expect.poll(() => proxy.open()).toBe(0)
    })
  })

  describe('that gets no answer', () => {
    const limitMs = 300
    it.each<Fault>([
      { kind: 'black_hole', at: 'bind' },
      { kind: 'keep_silent', at: 'bind' },
      { kind: 'keep_silent', at: 'search' },
    ])('for %o ends in time and closes its socket', async (fault) => {
      proxy.fail(fault)
      const look = async (): Promise<void> => {
        await using session = await open(proxied(limitMs))
        await lookUp(session)
      }
      expect((await failure(look())).code).toBe('timed_out')
      await expect.poll(() => proxy.open()).toBe(0)
    })

    it('at a change says that the outcome is unknown', async () => {
      proxy.fail({ kind: 'keep_silent', at: 'modify' })
      // The sign-in before it must be answered in time, on a busy machine, too.
      await using session = await open(proxied(2_000))
      expect((await failure(session.connection.modify(alice, replaceMail))).code).toBe('unknown_outcome')
      await modifyAsAdmin(server.admin, alice, [{ name: 'pwdEndTime', values: [] }])
    })

    it('at the TLS handshake ends in time', async () => {
      await using hole = await startFaultProxy({ host: '127.0.0.1', port: server.tlsPort })
      hole.fail({ kind: 'black_hole', at: 'bind' })
      const to = access(`ldaps://127.0.0.1:${hole.port}`, {}, limitMs)
      expect((await failure(open(to))).code).toBe('timed_out')
      await expect.poll(() => hole.open()).toBe(0)
    })

    it.each(['keep_silent', 'stop_after_answer'] as const)('at StartTLS (%s) ends in time', async (kind) => {
      proxy.fail({ kind, at: 'extended' })
      const to = access(`ldap://127.0.0.1:${proxy.port}`, { startTls: true }, limitMs)
      expect((await failure(open(to))).code).toBe('timed_out')
      await expect.poll(() => proxy.open()).toBe(0)
    })

    it('at the very first packet ends in time', async () => {
      await using deaf = await startDeafListener()
      expect((await failure(open(access(`ldaps://127.0.0.1:${deaf.port}`, {}, limitMs)))).code).toBe(
        'timed_out',
      )
    })

    it('stops when the caller gives up', async () => {
      proxy.fail({ kind: 'keep_silent', at: 'search' })
      const caller = new AbortController()
      await using session = await openSession(proxied(), caller.signal)
      const looking = failure(lookUp(session))
      caller.abort()
      expect(await looking).toMatchObject({ code: 'timed_out', facts: { detail: 'cancelled' } })
    })
  })

  describe('that is opened', () => {
    it('goes on with the next address when one is down, and with none when the password is wrong', async () => {
      const urls = `ldap://127.0.0.1:1 ${server.ldapsUrl}`
      await using session = await open(access(urls))
      expect(session.connection.address.url).toBe(server.ldapsUrl)
      proxy.fail(undefined)
      const before = proxy.opened()
      const wrong = {
        ...access(`${server.ldapsUrl} ldap://127.0.0.1:${proxy.port}`),
        bindPassword: secret('wrong'),
      }
      expect(await failure(open(wrong))).toMatchObject({
        code: 'bad_credentials',
        facts: { detail: 'wrong_password' },
      })
      expect(proxy.opened()).toBe(before)
    })

    it('says that trying again may help when that is so for one of the addresses', async () => {
      const certificate = { caFile: server.strangerCaFile }
      expect((await failure(open(access(`${server.ldapsUrl} ldap://127.0.0.1:1`, certificate)))).code).toBe(
        'unavailable',
      )
    })

    it('never sends an empty password, which would be an anonymous sign-in', async () => {
      const error = await failure(open({ ...access(server.ldapsUrl), bindPassword: secret('') }))
      expect(error).toMatchObject({ code: 'misconfigured', facts: { detail: 'empty_password' } })
    })

    it('says who it is', async () => {
      await using session = await open(access(server.ldapsUrl))
      expect(await session.connection.whoAmI()).toBe(`dn:${server.service.dn}`)
    })

    it('says that a server refuses StartTLS', async () => {
      // An ExtendedResponse with result 2 (protocolError).
      const refusal = Buffer.from('300c02010178070a010204000400', 'hex')
      const refusing = createServer(
        (socket) => void socket.on('error', () => {}).once('data', () => socket.write(refusal)),
      )
      refusing.listen(0, '127.0.0.1')
      await once(refusing, 'listening')
      const address = refusing.address()
      const port = typeof address === 'object' ? (address?.port ?? 0) : 0
      const error = await failure(open(access(`ldap://127.0.0.1:${port}`, { startTls: true })))
      expect(error).toMatchObject({
        code: 'misconfigured',
        facts: { detail: 'start_tls_refused', vendorCode: '2' },
      })
      refusing.close()
    })
  })

  describe('of one enforcement', () => {
    it('stays on the server that it began with', async () => {
      await using first = await startFaultProxy({ host: '127.0.0.1', port: server.port })
      await using second = await startFaultProxy({ host: '127.0.0.1', port: server.port })
      const url = `ldap://127.0.0.1:${first.port} ldap://127.0.0.1:${second.port}`
      const connector = createOpenLdapConnector(openLdapSettings(server, { url, ca_file: undefined }), {
        callTimeoutMs: 2_000,
        protectedGroups: [],
      })
      const [account] = await connector.find({ kind: 'login', value: 'bob' }, never)
      first.fail({ kind: 'cut_before', at: 'modify', thenGone: true })
      expect(await failure(connector.disable(account!.id, memoryContext()))).toMatchObject({
        code: 'unknown_outcome',
      })
      expect(second.opened()).toBe(0)
    })

    it('says that the outcome is unknown when it can not look either', async () => {
      await using only = await startFaultProxy({ host: '127.0.0.1', port: server.port })
      const url = `ldap://127.0.0.1:${only.port}`
      const connector = createOpenLdapConnector(openLdapSettings(server, { url, ca_file: undefined }), {
        callTimeoutMs: 5_000,
        protectedGroups: [],
      })
      const [account] = await connector.find({ kind: 'login', value: 'bob' }, never)
      const context = memoryContext()
      context.afterStep = async () => only.fail({ kind: 'cut_after', at: 'modify', thenGone: true })
      expect(await failure(connector.disable(account!.id, context))).toMatchObject({
        code: 'unknown_outcome',
      })
      only.fail(undefined)
      expect(await connector.disable(account!.id, context)).toMatchObject({
        readBack: 'verified',
        already: false,
      })
      await connector.enable(account!.id, memoryContext(context.kept()))
    })

    it('says that the change was made but could not be looked at again', async () => {
      await using only = await startFaultProxy({ host: '127.0.0.1', port: server.port })
      const url = `ldap://127.0.0.1:${only.port}`
      const connector = createOpenLdapConnector(openLdapSettings(server, { url, ca_file: undefined }), {
        callTimeoutMs: 2_000,
        protectedGroups: [],
      })
      const [account] = await connector.find({ kind: 'login', value: 'bob' }, never)
      const context = memoryContext()
      // The answer to the write still comes; every later request meets a closed door.
      context.afterStep = async () => only.fail({ kind: 'stop_after_answer', at: 'modify', thenGone: true })
      expect(await connector.disable(account!.id, context)).toMatchObject({ readBack: 'unreachable' })
    })
  })
})
