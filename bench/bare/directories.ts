import { readFileSync } from 'node:fs'
import { AndFilter, Attribute, Change, Client, EqualityFilter, OrFilter, ResultCodeError } from 'ldapts'
import { accountAttributes as domainAttributes, binaryAttributes } from '#src/iam/active-directory/account.ts'
import { administrativeLock, disabledEndTime } from '#src/iam/openldap/account.ts'

/** One directory, as it is reached by its service account. */
export interface Directory {
  readonly url: string
  readonly caFile: string
  readonly bindDn: string
  readonly password: string
  readonly baseDn: string
}

/** What a person's account is called where the script works. */
export interface Account {
  readonly dn: string
  readonly id: string | Buffer
}

const personAttributes =
  'entryUUID pwdAccountLockedTime pwdEndTime pwdStartTime pwdReset pwdFailureTime pwdPolicySubentry cn displayName departmentNumber ou mail uid'.split(
    ' ',
  )
const domainFactsAttributes = ['defaultNamingContext', 'configurationNamingContext', 'tokenGroups']

const equals = (attribute: string, value: string | Buffer) => new EqualityFilter({ attribute, value })

const isPerson = new OrFilter({
  filters: ['person', 'posixAccount', 'account'].map((name) => equals('objectClass', name)),
})
const isUser = new AndFilter({ filters: [equals('objectCategory', 'person'), equals('objectClass', 'user')] })

/** Connects, does the work as the service account (or as somebody else), and says goodbye. */
async function on<T>(
  directory: Directory,
  work: (client: Client) => Promise<T>,
  as = { dn: directory.bindDn, password: directory.password },
): Promise<T> {
  const client = new Client({
    url: directory.url,
    timeout: 20_000,
    tlsOptions: { ca: authority(directory.caFile) },
  })
  try {
    await client.bind(as.dn, as.password)
    return await work(client)
  } finally {
    await client.unbind()
  }
}

const authorities = new Map<string, string>()

function authority(file: string): string {
  const known = authorities.get(file) ?? readFileSync(file, 'utf8')
  authorities.set(file, known)
  return known
}

async function readBase(client: Client, dn: string, attributes: readonly string[]) {
  const { searchEntries } = await client.search(dn, {
    scope: 'base',
    filter: '(objectClass=*)',
    attributes: [...attributes],
    explicitBufferAttributes: [...binaryAttributes],
  })
  return searchEntries[0]
}

/** Finds the account by its address: one search on OpenLDAP. */
export async function findOnOpenLdap(directory: Directory, email: string): Promise<Account> {
  return await on(directory, async (client) => {
    const entry = await person(
      client,
      directory,
      new OrFilter({ filters: [equals('mail', email), equals('uid', email)] }),
    )
    return { dn: entry.dn, id: String(entry['entryUUID']) }
  })
}

async function person(client: Client, directory: Directory, filter: EqualityFilter | OrFilter) {
  const { searchEntries } = await client.search(directory.baseDn, {
    scope: 'sub',
    filter: new AndFilter({ filters: [isPerson, filter] }),
    attributes: personAttributes,
    sizeLimit: 10,
  })
  const [entry] = searchEntries
  if (entry === undefined) throw new Error('nobody was found')
  return entry
}

/** Finds the account by its address on Active Directory: a search for the name, then a read of what only that gives. */
export async function findOnDomain(directory: Directory, email: string): Promise<Account> {
  return await on(directory, async (client) => {
    const names = ['userPrincipalName', 'mail'].map((name) => equals(name, email))
    const entry = await user(
      client,
      directory,
      new OrFilter({ filters: [...names, equals('proxyAddresses', `smtp:${email}`)] }),
    )
    return { dn: entry.dn, id: Buffer.isBuffer(entry['objectGUID']) ? entry['objectGUID'] : Buffer.alloc(0) }
  })
}

async function user(client: Client, directory: Directory, filter: EqualityFilter | OrFilter) {
  const { searchEntries } = await client.search(directory.baseDn, {
    scope: 'sub',
    filter: new AndFilter({ filters: [isUser, filter] }),
    attributes: ['objectClass'],
    sizeLimit: 10,
  })
  const dn = searchEntries[0]?.dn
  const entry = dn === undefined ? undefined : await readBase(client, dn, domainAttributes)
  if (entry === undefined) throw new Error('nobody was found')
  return entry
}

/** Disables as the connector does: facts, a probe, the change, the look and the second probe. */
export async function disableOnOpenLdap(directory: Directory, account: Account): Promise<void> {
  const byId = equals('entryUUID', account.id)
  await on(directory, async (client) => {
    await readBase(client, '', ['namingContexts', 'supportedSASLMechanisms'])
    await client.exop('1.3.6.1.4.1.4203.1.11.3')
    await person(client, directory, byId)
  })
  await on(directory, async (client) => {
    await readBase(client, account.dn, ['pwdFailureTime'])
    await wrongPassword(directory, account.dn)
    await readBase(client, account.dn, ['pwdFailureTime'])
  })
  await on(directory, (client) =>
    client.modify(account.dn, [
      change('replace', 'pwdAccountLockedTime', administrativeLock),
      change('replace', 'pwdEndTime', disabledEndTime),
    ]),
  )
  await on(directory, async (client) => {
    const now = await person(client, directory, byId)
    if (now['pwdAccountLockedTime'] !== administrativeLock) throw new Error('the lock does not read back')
    await readBase(client, account.dn, ['pwdFailureTime'])
    await wrongPassword(directory, account.dn)
  })
}

async function wrongPassword(directory: Directory, dn: string): Promise<void> {
  try {
    await on(directory, async () => {}, { dn, password: 'surely-not-the-password' })
  } catch (error) {
    if (error instanceof ResultCodeError) return
    throw error
  }
  throw new Error('any password signs in')
}

function change(operation: 'add' | 'delete' | 'replace', type: string, value: string): Change {
  return new Change({ operation, modification: new Attribute({ type, values: [value] }) })
}

/** Disables as the connector does: domain facts and the account, read and swap, read back. */
export async function disableOnDomain(directory: Directory, account: Account): Promise<void> {
  const byId = equals('objectGUID', account.id)
  await on(directory, async (client) => {
    const root = await readBase(client, '', domainFactsAttributes)
    await client.search(`CN=Partitions,${String(root?.['configurationNamingContext'])}`, {
      scope: 'sub',
      filter: equals('nCName', String(root?.['defaultNamingContext'])),
      attributes: ['nETBIOSName', 'dnsRoot'],
    })
    await user(client, directory, byId)
  })
  await on(directory, async (client) => {
    const before = Number((await user(client, directory, byId))['userAccountControl'])
    await client.modify(account.dn, [
      change('delete', 'userAccountControl', String(before)),
      change('add', 'userAccountControl', String(before | 2)),
    ])
  })
  await on(directory, async (client) => {
    const after = Number((await user(client, directory, byId))['userAccountControl'])
    if ((after & 2) === 0) throw new Error('the account does not read back as disabled')
  })
}
