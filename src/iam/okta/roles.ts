import { z } from 'zod'
import { ConnectorError } from '#src/errors.ts'
import type { OktaClient } from '#src/iam/okta/client.ts'
import { pathOf } from '#src/iam/url.ts'
import { oktaRights } from '#src/iam/okta/permissions.ts'
import { readAnswer } from '#src/iam/okta/user.ts'

const Roles = z.array(
  z.object({ type: z.string(), label: z.string().optional(), status: z.string().optional() }),
)

/** One role that somebody holds now. */
export interface OktaRole {
  readonly type: string
  /** Its name in the Admin Console. */
  readonly label: string
}

// They may look and change nothing.
const harmless: ReadonlySet<string> = new Set(['READ_ONLY_ADMIN', 'REPORT_ADMIN'])

const right = oktaRights.readRoles

/** The roles in force of a person, also those held through a group. Throws `not_permitted` when they can't be read. */
export async function readRoles(
  client: OktaClient,
  id: string,
  signal: AbortSignal,
): Promise<readonly OktaRole[]> {
  return await rolesAt(client, pathOf('api', 'v1', 'users', id, 'roles'), signal)
}

/** The roles in force of a service app. Throws `not_permitted` when they can't be read. */
export async function readAppRoles(
  client: OktaClient,
  clientId: string,
  signal: AbortSignal,
): Promise<readonly OktaRole[]> {
  return await rolesAt(client, pathOf('oauth2', 'v1', 'clients', clientId, 'roles'), signal)
}

async function rolesAt(client: OktaClient, path: string, signal: AbortSignal): Promise<readonly OktaRole[]> {
  const answer = await client.call({ method: 'GET', path, right }, signal)
  return readAnswer(Roles, answer.body)
    .filter(({ status }) => status === undefined || status === 'ACTIVE')
    .map(({ type, label }) => ({ type, label: label ?? type }))
}

/** The names of the roles that make a person privileged; undefined when they can't be read. */
export async function privilegesOf(
  client: OktaClient,
  id: string,
  signal: AbortSignal,
): Promise<readonly string[] | undefined> {
  try {
    const roles = await readRoles(client, id, signal)
    return [...new Set(roles.filter(({ type }) => !harmless.has(type)).map(({ label }) => label))]
  } catch (error) {
    if (error instanceof ConnectorError && error.code === 'not_permitted') return undefined
    throw error
  }
}

const Assignees = z.object({
  value: z.array(z.object({ id: z.string().min(1) })),
  _links: z.object({ next: z.object({ href: z.string() }).optional() }).optional(),
})

const mostPages = 10

/** The ids of everybody who holds a role, page by page. */
export async function* administrators(client: OktaClient, signal: AbortSignal): AsyncGenerator<string> {
  let after: string | undefined
  for (let page = 0; page < mostPages; page += 1) {
    const query = after === undefined ? {} : { after }
    const path = '/api/v1/iam/assignees/users'
    const { body } = await client.call({ method: 'GET', path, query, right }, signal)
    const { value, _links } = readAnswer(Assignees, body)
    for (const { id } of value) yield id
    // Only the cursor is taken of the link: where it points to is not for an answer to say.
    after = cursorOf(_links?.next?.href)
    if (after === undefined) return
  }
}

function cursorOf(href: string | undefined): string | undefined {
  if (href === undefined || !URL.canParse(href)) return undefined
  return new URL(href).searchParams.get('after') ?? undefined
}
