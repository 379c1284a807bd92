import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Entra } from '#src/sandbox/graph/start.ts'
import { type Caller, eventual, startTenant } from '#test/sandbox/graph/tenant.ts'

let tenant: { entra: Entra; graph: Caller } & AsyncDisposable
beforeAll(async () => {
  tenant = await startTenant({
    people: [
      {
        id: 'aaaaaaaa-0000-4000-8000-000000000001',
        userPrincipalName: 'ada@corp.example',
        displayName: 'Ada Nguyen',
        mail: 'Ada.Nguyen@corp.example',
        proxyAddresses: ['SMTP:Ada.Nguyen@corp.example', 'smtp:ada@old.example'],
        otherMails: ['shared@home.example'],
        employeeId: '4711',
        onPremisesSyncEnabled: true,
        onPremisesImmutableId: 'AbCd00==',
        onPremisesSamAccountName: 'anguyen',
        onPremisesSecurityIdentifier: 'S-1-5-21-1-2-3-1104',
      },
      {
        userPrincipalName: "o'brien@corp.example",
        displayName: "Sean O'Brien",
        otherMails: ['shared@home.example'],
      },
      { userPrincipalName: 'bob+test@corp.example', displayName: 'Bob', accountEnabled: false },
      { userType: 'Guest', mail: 'eve@partner.example', displayName: 'Eve' },
    ],
  })
})
afterAll(async () => await tenant[Symbol.asyncDispose]())

async function find(filter: string, rest = '', headers: Record<string, string> = {}) {
  const query = `$filter=${encodeURIComponent(filter)}&$select=displayName${rest}`
  const answer = await tenant.graph.get(`/v1.0/users?${query}`, headers)
  if (answer.status !== 200) return `${answer.status} ${answer.body.error.code}`
  return answer.body.value.map((one: { displayName: string }) => one.displayName)
}

const ada = ['Ada Nguyen']
const sean = ["Sean O'Brien"]
test.each<[string, readonly string[]]>([
  ["mail eq 'ADA.nguyen@corp.example'", ada],
  ["mail eq 'o''brien@corp.example'", sean],
  ["mail eq 'bob+test@corp.example'", ['Bob']],
  ["proxyAddresses/any(p:p eq 'smtp:ada@OLD.example')", ada],
  ["otherMails/any(m:m eq 'shared@home.example')", [...ada, ...sean]],
  ["otherMails/any(m:startswith(m,'shared'))", [...ada, ...sean]],
  ["mail eq 'eve@partner.example'", ['Eve']],
  ["onPremisesImmutableId eq 'AbCd00=='", ada],
  ["onPremisesImmutableId eq 'ABCD00=='", []],
  ["employeeId eq '4711'", ada],
  ['accountEnabled eq false', ['Bob']],
  ["userType eq 'Guest' or accountEnabled eq false", ['Bob', 'Eve']],
  ["accountEnabled eq true and (userType eq 'Guest' or employeeId eq '4711')", [...ada, 'Eve']],
  ["startsWith(displayName,'ada')", ada],
  ["userPrincipalName in ('ada@corp.example', 'bob+test@corp.example')", [...ada, 'Bob']],
  ['createdDateTime ge 2024-03-02T00:00:00Z', []],
  ['onPremisesSyncEnabled eq null', [...sean, 'Bob', 'Eve']],
])('%s finds who fits', async (filter, expected) => {
  expect(await find(filter)).toEqual(expected)
})

const bad = '400 Request_BadRequest'
const unsupported = '400 Request_UnsupportedQuery'
test.each([
  ['mail = x', bad],
  ["mail eq 'o'brien'", bad],
  ['mail eq "x"', bad],
  ["mail EQ 'x'", bad],
  ["mail eq 'x' and", bad],
  ["(mail eq 'x'", bad],
  ["nobody eq 'x'", bad],
  ["Mail eq 'x'", bad],
  ['mail eq true', bad],
  ["accountEnabled eq 'false'", bad],
  ["createdDateTime ge '2024-03-02T00:00:00Z'", bad],
  ["otherMails eq 'x'", bad],
  ["mail/any(m:m eq 'x')", bad],
  ["otherMails/any(m:x eq 'x')", bad],
  ["onPremisesSecurityIdentifier eq 'S-1-5-21-1-2-3-1104'", unsupported],
  ["onPremisesDistinguishedName eq 'CN=x'", unsupported],
  ["onPremisesSamAccountName eq 'anguyen'", unsupported],
  ['accountEnabled ge false', unsupported],
  ["mail ne 'x'", unsupported],
  ["not(mail eq 'x')", unsupported],
  ["endsWith(mail,'x')", unsupported],
  [Array.from({ length: 16 }, () => "mail eq 'x'").join(' or '), unsupported],
])('%s is refused', async (filter, expected) => {
  const before = tenant.entra.complaints.length
  expect(await find(filter)).toBe(expected)
  expect(tenant.entra.complaints.length).toBe(before + 1)
})

test.each([
  ["mail ne 'o''brien@corp.example'", [...ada, 'Bob', 'Eve']],
  ["not(startsWith(displayName,'ada'))", [...sean, 'Bob', 'Eve']],
  ["endsWith(mail,'@partner.example')", ['Eve']],
  ["onPremisesSamAccountName eq 'ANGUYEN'", ada],
])('%s works with the advanced parameters, both of them', async (filter, expected) => {
  expect(await find(filter, '&$count=true', eventual)).toEqual(expected)
  expect(await find(filter, '', eventual)).toBe(unsupported)
  expect(await find(filter, '&$count=true')).toBe(bad)
})

test.each([
  ['$select=nope', bad],
  ['$select=', bad],
  ['$top=0', bad],
  ['$top=1000', bad],
  ['$top=x', bad],
  ['$count=true', bad],
  ['$orderby=displayName', bad],
  ['select=id', bad],
  ['$select=id&$select=mail', bad],
  ['$skiptoken=abc', bad],
])('the option %s is refused', async (query, expected) => {
  const { status, body } = await tenant.graph.get(`/v1.0/users?${query}`)
  expect(`${status} ${body.error.code}`).toBe(expected)
})

test('people are read by id and by name, with what was selected only', async () => {
  const byName = await tenant.graph.get('/v1.0/users/ADA%40corp.example?$select=id,accountEnabled')
  const { '@odata.context': context, ...rest } = byName.body
  expect(rest).toEqual({ id: 'aaaaaaaa-0000-4000-8000-000000000001', accountEnabled: true })
  expect(context).toBe(`${tenant.entra.graphUrl}/v1.0/$metadata#users(id,accountEnabled)/$entity`)
  const guest = await tenant.graph.get(
    `/v1.0/users/${encodeURIComponent('eve_partner.example#EXT#@corp.example')}`,
  )
  expect(guest.body).toMatchObject({ displayName: 'Eve', mail: 'eve@partner.example' })
  const quoted = await tenant.graph.get("/v1.0/users('o''brien@corp.example')")
  expect(quoted.body.displayName).toBe("Sean O'Brien")
  tenant.entra.addPerson({ userPrincipalName: '$dora@corp.example', displayName: 'Dora' })
  expect((await tenant.graph.get("/v1.0/users('$dora@corp.example')")).body.displayName).toBe('Dora')
  expect((await tenant.graph.get('/v1.0/users/$dora@corp.example')).status).toBe(400)
  tenant.entra.removePerson('$dora@corp.example')
})

test('without selection what most callers need is missing', async () => {
  const { body } = await tenant.graph.get('/v1.0/users/ada@corp.example')
  expect(Object.keys(body)).toContain('userPrincipalName')
  expect(Object.keys(body)).not.toContain('accountEnabled')
})

test('nobody is 404, and an unknown path or method is complained about', async () => {
  const before = tenant.entra.complaints.length
  const nobody = await tenant.graph.get('/v1.0/users/nobody@corp.example')
  expect([nobody.status, nobody.body.error.code]).toEqual([404, 'Request_ResourceNotFound'])
  expect(tenant.entra.complaints.length).toBe(before)
  expect((await tenant.graph.get('/beta/users')).status).toBe(400)
  expect((await tenant.graph.get('/v1.0/nowhere')).status).toBe(400)
  expect((await tenant.graph.send('DELETE', '/v1.0/users/ada@corp.example')).status).toBe(405)
  expect(tenant.entra.complaints.length).toBe(before + 3)
})

test('a caller gets its own request id back', async () => {
  const id = crypto.randomUUID()
  const { headers, body } = await tenant.graph.get('/v1.0/users/x@y.example', { 'client-request-id': id })
  expect(headers.get('client-request-id')).toBe(id)
  expect(body.error.innerError['client-request-id']).toBe(id)
  expect(body.error.innerError['request-id']).toBe(headers.get('request-id'))
})

test('long lists come in pages that lead to each other', async () => {
  const names: string[] = []
  let next: string | undefined = `${tenant.entra.graphUrl}/v1.0/users?$top=3&$select=displayName&$count=true`
  const counts: unknown[] = []
  while (next !== undefined) {
    const { body } = await tenant.graph.get(next.slice(tenant.entra.graphUrl.length), eventual)
    names.push(...body.value.map((one: { displayName: string }) => one.displayName))
    counts.push(body['@odata.count'])
    next = body['@odata.nextLink']
  }
  expect(names).toEqual([...ada, ...sean, 'Bob', 'Eve'])
  expect(counts).toEqual([4, undefined])
})

test('the server may make pages smaller, and a link may lead elsewhere', async () => {
  await using other = await startTenant({
    people: [{ userPrincipalName: 'a@corp.example' }, { userPrincipalName: 'b@corp.example' }],
    settings: { pageSize: 1, nextLinkOrigin: 'https://elsewhere.example' },
  })
  const { body } = await other.graph.get('/v1.0/users?$top=10')
  expect(body.value).toHaveLength(1)
  expect(body['@odata.nextLink']).toMatch(
    /^https:\/\/elsewhere\.example\/v1\.0\/users\?\$top=10&\$skiptoken=/,
  )
})

test('stores that need the advanced parameters for addresses, or know no joined filters, say so', async () => {
  await using other = await startTenant({
    people: [{ userPrincipalName: 'a@corp.example', otherMails: ['a@home.example'] }],
    settings: { addressesNeedAdvanced: true, joinedFilterRefused: true },
  })
  const ask = async (filter: string, rest = '', headers = {}) => {
    const { status, body } = await other.graph.get(
      `/v1.0/users?$filter=${encodeURIComponent(filter)}${rest}`,
      headers,
    )
    return body.value?.length ?? `${status} ${body.error.code}`
  }
  expect(await ask("otherMails/any(m:m eq 'a@home.example')")).toBe(unsupported)
  expect(await ask("otherMails/any(m:m eq 'a@home.example')", '&$count=true', eventual)).toBe(1)
  expect(await ask("mail eq 'a@corp.example' or userPrincipalName eq 'x'")).toBe(unsupported)
  expect(await ask("mail eq 'a@corp.example' or mail eq 'x'")).toBe(1)
  expect(other.entra.complaints).toEqual([])
})
