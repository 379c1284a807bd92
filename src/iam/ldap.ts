import { ConnectorError } from '#src/errors.ts'
import { Connection } from '#src/iam/ldap/connection.ts'
import type { BindAnswer, PolicyAnswer } from '#src/iam/ldap/messages.ts'
import type { LdapAddress, LdapServers } from '#src/iam/ldap/settings.ts'
import { openSocket } from '#src/iam/ldap/socket.ts'
import type { Secret } from '#src/secrets.ts'

/** Which directory, as whom, and how long one call may take. */
export interface LdapAccess {
  readonly servers: LdapServers
  readonly bindDn: string
  readonly bindPassword: Secret
  readonly callTimeoutMs: number
}

/** An open connection that is signed in as our service account. */
export interface LdapSession extends AsyncDisposable {
  readonly connection: Connection
  /** What the password policy overlay said to our own sign-in. */
  readonly policy: PolicyAnswer
  /** Seconds until our password ends, when the server warned us of it. */
  readonly passwordEndsInS: number | undefined
}

// With these another server would say the same; and every wrong password counts towards a lock-out of our account.
const final: ReadonlySet<string> = new Set(['bad_credentials', 'refused_by_vendor'])

/**
 * Connects and signs in as the service account, trying the addresses in turn; connecting, TLS and the sign-in on all
 * of them together take one call's time limit. With `only`, that server and no other: an enforcement stays on the
 * server it began with. Dispose it after each step. Throws `ConnectorError`; nothing was asked of the directory then.
 */
export async function openSession(
  access: LdapAccess,
  signal: AbortSignal,
  only?: LdapAddress,
): Promise<LdapSession> {
  const addresses = only === undefined ? access.servers.addresses : [only]
  const shareMs = Math.ceil(access.callTimeoutMs / Math.max(1, addresses.length))
  const failures: ConnectorError[] = []
  for (const address of addresses) {
    try {
      return await signIn(access, address, shareMs, signal)
    } catch (error) {
      if (!(error instanceof ConnectorError) || final.has(error.code) || signal.aborted) throw error
      failures.push(error)
    }
  }
  throw worthRetrying(failures)
}

/** Runs `work` on a session of its own, on `only` when an enforcement has begun there. Throws as `openSession`. */
export async function withSession<T>(
  { access }: { readonly access: LdapAccess },
  signal: AbortSignal,
  only: LdapAddress | undefined,
  work: (session: LdapSession) => Promise<T>,
): Promise<T> {
  await using session = await openSession(access, signal, only)
  return await work(session)
}

/** Of several servers' failures the one that can pass by itself counts, for then trying again makes sense. */
function worthRetrying(failures: readonly ConnectorError[]): ConnectorError {
  const passing = failures.find(({ code }) => code === 'unavailable' || code === 'timed_out')
  return passing ?? failures[0] ?? new ConnectorError('misconfigured', 'No address is configured')
}

async function signIn(
  access: LdapAccess,
  address: LdapAddress,
  limitMs: number,
  signal: AbortSignal,
): Promise<LdapSession> {
  const deadline = AbortSignal.any([signal, AbortSignal.timeout(limitMs)])
  const socket = await openSocket(access.servers, address, deadline)
  const connection = new Connection(socket, address, access.callTimeoutMs, signal)
  const stop = (): void => void socket.destroy()
  deadline.addEventListener('abort', stop, { once: true })
  try {
    const { refusal, ...said } = await connection.bind(access.bindDn, access.bindPassword)
    if (refusal !== undefined) throw refusal
    return { connection, ...said, [Symbol.asyncDispose]: () => connection[Symbol.asyncDispose]() }
  } catch (error) {
    await connection[Symbol.asyncDispose]()
    throw deadline.aborted
      ? new ConnectorError('timed_out', 'No answer to our sign-in', { detail: 'no_answer' })
      : error
  } finally {
    deadline.removeEventListener('abort', stop)
  }
}

/**
 * Signs in as somebody else on a connection of its own, to see how the directory answers; the connection is closed
 * at once. A refusal is the answer. Throws `ConnectorError` when there is none.
 */
export async function trySignIn(
  access: LdapAccess,
  address: LdapAddress,
  as: { readonly dn: string; readonly password: Secret },
  signal: AbortSignal,
): Promise<BindAnswer> {
  const deadline = AbortSignal.any([signal, AbortSignal.timeout(access.callTimeoutMs)])
  const socket = await openSocket(access.servers, address, deadline)
  await using connection = new Connection(socket, address, access.callTimeoutMs, deadline)
  return await connection.bind(as.dn, as.password)
}
