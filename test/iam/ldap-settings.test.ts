import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import { ActiveDirectorySettings } from '#src/iam/active-directory/settings.ts'
import { OpenLdapSettings } from '#src/iam/openldap/settings.ts'

const keys = {
  id: 'corp-ad',
  kind: 'active-directory',
  url: 'ldaps://dc1.corp.example.com',
  bind_dn: 'CN=svc,DC=corp',
  bind_password: 'hunter2',
  base_dn: 'DC=corp',
}
const unix = { ...keys, id: 'unix', kind: 'openldap', url: 'ldap://ldap.example.com', start_tls: true }

function problems(result: { error?: { issues: readonly { path: PropertyKey[] }[] } }): string[] {
  return result.error?.issues.map((issue) => issue.path.join('.')) ?? []
}

describe('the settings of a directory', () => {
  it('have usual values, and several servers in their order', () => {
    const settings = ActiveDirectorySettings.parse({ ...keys, url: ' ldaps://dc1:3269  ldaps://[::1] ' })
    expect(settings.servers).toMatchObject({ startTls: false, caFile: undefined })
    expect(settings.servers.addresses).toMatchObject([
      { host: 'dc1', port: 3269, secure: true },
      { host: '::1', port: 636, secure: true },
    ])
    expect(OpenLdapSettings.parse(unix)).toMatchObject({
      servers: { addresses: [{ port: 389, secure: false }], startTls: true },
      emailAttributes: ['mail'],
      loginAttributes: ['uid'],
      canary: undefined,
    })
  })

  it('never show the password', () => {
    const settings = ActiveDirectorySettings.parse(keys)
    expect(`${JSON.stringify(settings)} ${inspect(settings, { depth: 9 })}`).not.toContain('hunter2')
    expect(settings.bindPassword.reveal()).toBe('hunter2')
  })

  it.each([
    [{ url: 'ldap://dc1.corp.example.com' }, 'url'],
    [{ url: 'ldaps://dc1 ldap://dc2' }, 'url'],
    [{ url: 'https://dc1' }, 'url'],
    [{ url: '' }, 'url'],
    [{ url: 'ldaps://user:pass@dc1' }, 'url'],
    [{ url: 'ldaps://dc1/dc=x' }, 'url'],
    [{ start_tls: true }, 'start_tls'],
    [{ bind_password: '' }, 'bind_password'],
    [{ base_dn: ' ' }, 'base_dn'],
    [{ no_such_key: 1 }, ''],
  ])('refuse %j', (change, path) => {
    expect(problems(ActiveDirectorySettings.safeParse({ ...keys, ...change }))).toContain(path)
  })

  it.each(['127.0.0.1', 'localhost', '[::1]', '127.1.2.3'])('allow clear text to %s', (host) => {
    expect(ActiveDirectorySettings.safeParse({ ...keys, url: `ldap://${host}` }).success).toBe(true)
  })

  it.each([
    [{ canary_dn: 'uid=c' }, 'canary_dn'],
    [{ canary_password: 'x' }, 'canary_dn'],
    [{ email_attributes: [] }, 'email_attributes'],
    [{ login_attributes: ['uid)(x=*'] }, 'login_attributes.0'],
    [{ disable_attribute: { name: 'x', disabled: 'a', enabled: 'a' } }, 'disable_attribute'],
    [{ disable_attribute: { name: 'x', disabled: 'a' } }, 'disable_attribute.enabled'],
  ])('of OpenLDAP refuse %j', (change, path) => {
    expect(problems(OpenLdapSettings.safeParse({ ...unix, ...change }))).toContain(path)
  })
})
