import { afterAll, beforeAll, expect, it } from 'vitest'
import { createActiveDirectoryConnector } from '#src/iam/active-directory/index.ts'
import { createOpenLdapConnector } from '#src/iam/openldap/index.ts'
import { modifyAsAdmin } from '#src/sandbox/directories/client.ts'
import { domainService } from '#src/sandbox/directories/samba-data.ts'
import { type Samba, startSamba } from '#src/sandbox/directories/samba.ts'
import { type Slapd, startSlapd } from '#src/sandbox/directories/slapd.ts'
import { describeWithDirectory } from '#test/helpers/directories.ts'
import { activeDirectorySettings, openLdapSettings } from '#test/helpers/directory-settings.ts'

const describeSlapd = await describeWithDirectory('slapd')
const describeSamba = await describeWithDirectory('samba')

const signal = new AbortController().signal
const hour = 3_600_000
const day = 24 * hour
const noExpiry = '66048'
const ordinary = '512'

describeSlapd('the connection to an OpenLDAP server', () => {
  let server: Slapd
  beforeAll(async () => {
    server = await startSlapd()
  })
  afterAll(() => server[Symbol.asyncDispose]())

  const report = (changes: object = {}) =>
    createOpenLdapConnector(openLdapSettings(server, changes), {
      callTimeoutMs: 10_000,
      protectedGroups: [],
    }).checkConnection(signal)

  it('is reported with the server that answered, the time it took and the end of its certificate', async () => {
    const two = { url: `ldaps://127.0.0.1:1 ${server.ldapsUrl}` }
    const told = await report(two)
    expect(told.address).toBe(server.ldapsUrl)
    expect(told.latencyMs).toBeGreaterThan(0)
    expect(told.certificateEndsAt?.getTime()).toBeGreaterThan(Date.now())
    // OpenLDAP tells neither its time nor, without a policy that warns, the end of a password.
    expect(told.clockSkewMs).toBeUndefined()
    expect(told.credentialEndsAt).toBeUndefined()
  })

  it('has no certificate where it has no TLS', async () => {
    const plain = { url: server.ldapUrl, ca_file: undefined }
    expect((await report(plain)).certificateEndsAt).toBeUndefined()
  })

  it('is refused with a wrong password', async () => {
    await expect(report({ bind_password: 'wrong' })).rejects.toMatchObject({ code: 'bad_credentials' })
  })
})

describeSamba('the connection to a domain controller', () => {
  let server: Samba
  beforeAll(async () => {
    server = await startSamba()
  })
  afterAll(() => server[Symbol.asyncDispose]())

  const report = (ourClockIsAheadByMs = 0) =>
    createActiveDirectoryConnector(activeDirectorySettings(server), {
      callTimeoutMs: 10_000,
      protectedGroups: [],
      clock: { now: () => new Date(Date.now() + ourClockIsAheadByMs) },
    }).checkConnection(signal)
  const set = (name: string, value: string) =>
    modifyAsAdmin(server.admin, domainService.dn, [{ name, values: [value] }])

  it('is reported with the difference of the clocks', async () => {
    const told = await report()
    expect(told.address).toBe(server.ldapsUrl)
    expect(Math.abs(told.clockSkewMs ?? hour)).toBeLessThan(10_000)
    expect(told.certificateEndsAt?.getTime()).toBeGreaterThan(Date.now())
    const ahead = await report(hour)
    expect(Math.abs((ahead.clockSkewMs ?? 0) + hour)).toBeLessThan(10_000)
  })

  it('tells when our own password or account ends, whichever comes first', async () => {
    expect((await report()).credentialEndsAt).toBeUndefined()
    await set('userAccountControl', ordinary)
    // Samba's default: passwords end after 42 days.
    const end = (await report()).credentialEndsAt?.getTime() ?? 0
    expect(Math.round((end - Date.now()) / day)).toBe(42)
    const inTenDays = Date.now() + 10 * day
    await set('accountExpires', String((BigInt(inTenDays) + 11_644_473_600_000n) * 10_000n))
    expect((await report()).credentialEndsAt).toEqual(new Date(inTenDays))
    await set('accountExpires', '0')
    await set('userAccountControl', noExpiry)
    expect((await report()).credentialEndsAt).toBeUndefined()
  })
})
