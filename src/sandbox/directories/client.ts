import { readFile } from 'node:fs/promises'
import { Attribute, Change, Client, InvalidCredentialsError } from 'ldapts'

/** How to reach a directory as its administrator, for tests and the sandbox. */
export interface DirectoryAdmin {
  readonly url: string
  readonly caFile: string
  readonly dn: string
  readonly password: string
}

/** One attribute's new values; none removes it. */
export interface AttributeChange {
  readonly name: string
  readonly values: readonly (string | Buffer)[]
}

const limitMs = 15_000

async function withClient<T>(admin: DirectoryAdmin, work: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({
    url: admin.url,
    timeout: limitMs,
    connectTimeout: limitMs,
    tlsOptions: { ca: [await readFile(admin.caFile)] },
  })
  try {
    await client.bind(admin.dn, admin.password)
    return await work(client)
  } finally {
    await client.unbind()
  }
}

/** Whether this name and password open a session: what an application that signs people in would see. */
export async function canBind(admin: DirectoryAdmin, dn: string, password: string): Promise<boolean> {
  try {
    return await withClient({ ...admin, dn, password }, async () => true)
  } catch (error) {
    if (error instanceof InvalidCredentialsError) return false
    throw error
  }
}

/** Sets attributes of one entry as the administrator. */
export async function modifyAsAdmin(
  admin: DirectoryAdmin,
  dn: string,
  changes: readonly AttributeChange[],
): Promise<void> {
  await withClient(admin, (client) =>
    client.modify(
      dn,
      changes.map(({ name, values }) => {
        const bytes = values.map((value) => Buffer.from(value))
        return new Change({
          operation: 'replace',
          modification: new Attribute({ type: name, values: bytes }),
        })
      }),
    ),
  )
}

/** Adds an entry as the administrator. */
export async function addAsAdmin(
  admin: DirectoryAdmin,
  dn: string,
  attributes: Readonly<Record<string, string[]>>,
): Promise<void> {
  await withClient(admin, (client) => client.add(dn, attributes))
}

/** The values of one entry's attributes as the administrator sees them, binary ones as base64; absent ones are empty. */
export async function readAsAdmin(
  admin: DirectoryAdmin,
  dn: string,
  names: readonly string[],
): Promise<Readonly<Record<string, readonly string[]>>> {
  return withClient(admin, async (client) => {
    const { searchEntries } = await client.search(dn, {
      scope: 'base',
      attributes: [...names],
      explicitBufferAttributes: ['objectGUID', 'objectSid', 'tokenGroups', 'logonHours'],
    })
    const found = searchEntries[0]
    if (found === undefined) throw new Error(`There is no ${dn}`)
    return Object.fromEntries(
      names.map((name) => {
        const values = [found[name] ?? []].flat()
        return [name, values.map((value) => (Buffer.isBuffer(value) ? value.toString('base64') : value))]
      }),
    )
  })
}
