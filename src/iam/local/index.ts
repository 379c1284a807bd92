import { z } from 'zod'
import { ConnectorError } from '#src/errors.ts'
import type {
  ChangeContext,
  ChangeResult,
  ConnectorOptions,
  FoundAccount,
  FoundBy,
  IamConnector,
  PersonQuery,
} from '#src/iam/connector.ts'
import type { LocalAccount, LocalDirectory } from '#src/iam/local/directory.ts'

/** The name of the group that holds everybody. */
const everybody = 'all local users'

/** What Disable replaced. Kept as JSON. */
const Before = z.object({ v: z.literal(1), state: z.enum(['enabled', 'disabled']) })

/** The connector for Drawbridge's own local users: always there as the system `local`, and asked without a network. */
export function createLocalConnector(directory: LocalDirectory, options: ConnectorOptions): IamConnector {
  const read = async (id: string): Promise<LocalAccount> => (await directory.byId(id)) ?? gone()
  const describe = (account: LocalAccount, foundBy: FoundBy) =>
    found(account, foundBy, options.protectedGroups)
  return {
    system: { id: 'local', kind: 'local' },
    async find(query, signal) {
      stopIf(signal)
      const hit = await search(directory, query)
      return hit === undefined ? [] : [describe(hit, query.kind === 'id' ? 'id' : 'email')]
    },
    async read(accountId, signal) {
      stopIf(signal)
      return describe(await read(accountId), 'id')
    },
    async disable(accountId, context) {
      const before = await keepBefore(context, await read(accountId))
      // One that an administrator disabled stays theirs: the list enables it again, not a task.
      const already = before.state === 'disabled' && (await read(accountId)).state === 'disabled'
      if (!already && (await directory.disable(accountId)) === undefined) gone()
      const { state } = await read(accountId)
      return result(state === 'disabled', already, { sessions: { kind: 'ended' } })
    },
    async enable(accountId, context) {
      const before = context.before === undefined ? undefined : readBefore(context.before)
      const now = await read(accountId)
      if (before?.state === 'disabled')
        return result(now.state === 'enabled', false, { remarks: ['lock_restored'] })
      if (now.state === 'enabled') return result(true, true)
      if ((await directory.enable(accountId)) === undefined) gone()
      return result((await read(accountId)).state === 'enabled', false)
    },
    async resetPassword(accountId, context) {
      stopIf(context.signal)
      const already = !(await read(accountId)).hasPassword
      if ((await directory.resetPassword(accountId)) === undefined) gone()
      return result(!(await read(accountId)).hasPassword, already, { sessions: { kind: 'ended' } })
    },
    async signOut(accountId, context) {
      stopIf(context.signal)
      const ended = (await directory.endSessions(accountId)) ?? gone()
      return result(true, ended === 0, { sessions: { kind: 'ended' } })
    },
    async checkRights() {
      return [{ right: 'change local users', status: 'granted', grantedBy: undefined }]
    },
    async checkConnection(signal) {
      stopIf(signal)
      const begun = performance.now()
      await directory.byId('')
      return {
        address: 'own database',
        latencyMs: performance.now() - begun,
        clockSkewMs: 0,
        certificateEndsAt: undefined,
        credentialEndsAt: undefined,
      }
    },
  }
}

function gone(): never {
  throw new ConnectorError('not_found', 'There is no local user of this id')
}

function stopIf(signal: AbortSignal): void {
  if (signal.aborted) throw new ConnectorError('timed_out', 'Told to stop')
}

/** People are found by their whole address or id; a local user has no other name. */
async function search(directory: LocalDirectory, query: PersonQuery): Promise<LocalAccount | undefined> {
  switch (query.kind) {
    case 'address':
      return await directory.byEmail(query.value)
    case 'id':
      return await directory.byId(query.value)
    case 'login':
    case 'domain_login':
    case 'dn':
    case 'sid':
      return undefined
  }
}

function found(account: LocalAccount, foundBy: FoundBy, protectedGroups: readonly string[]): FoundAccount {
  const { id, email, state, enrollment } = account
  const held = new Set([
    everybody,
    ...account.groups.flatMap((group) => [group.id, group.name.toLowerCase()]),
  ])
  return {
    id,
    login: email,
    logins: [email],
    displayName: undefined,
    department: undefined,
    emails: [email],
    primaryEmail: email,
    foundBy,
    sharedIds: {},
    state,
    notes:
      enrollment === 'enrolled' ? [] : [enrollment === 'waiting' ? 'activation_pending' : 'never_activated'],
    privileged: [],
    privilegeKnown: true,
    protectedGroups: protectedGroups.filter((group) => held.has(group) || held.has(group.toLowerCase())),
    own: false,
    writable: true,
  }
}

async function keepBefore(context: ChangeContext, { state }: LocalAccount): Promise<z.infer<typeof Before>> {
  stopIf(context.signal)
  return readBefore(await context.step('before', async () => ({ v: 1, state })))
}

function readBefore(kept: unknown): z.infer<typeof Before> {
  const parsed = Before.safeParse(kept)
  if (parsed.success) return parsed.data
  throw new ConnectorError('bad_response', 'The before-image is not readable', {
    detail: 'before_image_unreadable',
  })
}

function result(
  isAsWanted: boolean,
  already: boolean,
  more: Partial<Pick<ChangeResult, 'remarks' | 'sessions'>> = {},
): ChangeResult {
  return { readBack: isAsWanted ? 'verified' : 'drifted', already, remarks: [], ...more }
}
