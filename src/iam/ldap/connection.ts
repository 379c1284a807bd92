import type { Socket } from 'node:net'
import { Attribute, Change, Client, Control, PasswordPolicyControl } from 'ldapts'
import { ConnectorError } from '#src/errors.ts'
import { type LdapEntry, toEntry } from '#src/iam/ldap/entry.ts'
import { type Phase, failureOf, late, lost, malformed, resultCode } from '#src/iam/ldap/failures.ts'
import { equals, present, toLibraryFilter } from '#src/iam/ldap/filter.ts'
import { createFrameCheck } from '#src/iam/ldap/frames.ts'
import type { BindAnswer, LdapChange, LdapSearch, PolicyAnswer } from '#src/iam/ldap/messages.ts'
import type { LdapAddress } from '#src/iam/ldap/settings.ts'
import { type CertificateFacts, certificateOf } from '#src/iam/ldap/socket.ts'
import type { Secret } from '#src/secrets.ts'

// noSuchAttribute, attributeOrValueExists
const mismatches = new Set([16, 20])
const noOperation = 16_654
// noSuchAttribute, insufficientAccessRights
const comparable: ReadonlyMap<number, boolean> = new Map([
  [16, true],
  [50, false],
])

// Not registered, but the one that OpenLDAP knows; critical, so that a server without it refuses instead of writing.
class NoOperationControl extends Control {
  constructor() {
    super('1.3.6.1.4.1.4203.666.5.2', { critical: true })
  }
}

/**
 * One socket and one sign-in. When the socket ends, so does this: every later call fails as `connection_lost`. The
 * library alone would open a new socket without signing in, and its empty answers would look like "no such user".
 */
export class Connection implements AsyncDisposable {
  readonly address: LdapAddress
  readonly #socket: Socket
  readonly #client: Client
  readonly #limitMs: number
  readonly #signal: AbortSignal
  #closed = false
  #malformed = false

  /** Takes over an open socket; nothing is sent yet. Each call may take `limitMs`, and `signal` ends all of them. */
  constructor(socket: Socket, address: LdapAddress, limitMs: number, signal: AbortSignal) {
    this.address = address
    this.#socket = socket
    this.#limitMs = limitMs
    this.#signal = signal
    let handed = false
    this.#client = new Client({
      url: 'ldap://one-socket.invalid',
      createConnection: () => {
        if (handed) throw lost('read')
        handed = true
        return socket
      },
    })
    const wellFormed = createFrameCheck()
    socket.on('data', (chunk: Buffer) => {
      if (wellFormed(chunk)) return
      this.#malformed = true
      socket.destroy()
    })
    socket.once('close', () => {
      this.#closed = true
    })
  }

  /** What the server showed of itself; undefined without TLS. */
  get certificate(): CertificateFacts | undefined {
    return certificateOf(this.#socket)
  }

  /** The one sign-in. A refusal is an answer, not an error; an empty password is refused here, it is anonymous. */
  async bind(dn: string, password: Secret): Promise<BindAnswer> {
    if (password.reveal() === '' || dn === '')
      throw new ConnectorError('misconfigured', 'An empty sign-in is anonymous', { detail: 'empty_password' })
    const control = new PasswordPolicyControl()
    return this.#run('bind', async () => {
      try {
        await this.#client.bind(dn, password.reveal(), control)
        return { refusal: undefined, ...policyAnswer(control) }
      } catch (error) {
        if (resultCode(error) === undefined) throw error
        return { refusal: failureOf(error, 'bind'), ...policyAnswer(control) }
      }
    })
  }

  /** Entries that we may see. Throws `not_found` when the base does not exist (or is hidden from us). */
  async search(search: LdapSearch): Promise<readonly LdapEntry[]> {
    const { searchEntries } = await this.#run('read', () =>
      this.#client.search(search.base, {
        scope: search.scope,
        filter: toLibraryFilter(search.filter ?? present('objectClass')),
        attributes: [...search.attributes],
        explicitBufferAttributes: [...(search.binary ?? [])],
        sizeLimit: search.limit ?? 0,
        returnAttributeValues: search.namesOnly !== true,
      }),
    )
    return searchEntries.map(toEntry)
  }

  /** Where the server sends us for parts of a tree that it does not hold; nobody goes there. */
  async referralsBelow(base: string): Promise<readonly string[]> {
    const { searchReferences } = await this.#run('read', () =>
      this.#client.search(base, {
        scope: 'sub',
        filter: toLibraryFilter(equals('objectClass', 'referral')),
        attributes: ['1.1'],
        sizeLimit: 10,
      }),
    )
    return searchReferences
  }

  /** One entry by its name; undefined when it does not exist or is hidden from us. */
  async readEntry(search: Omit<LdapSearch, 'scope'>): Promise<LdapEntry | undefined> {
    try {
      return (await this.search({ ...search, scope: 'base' }))[0]
    } catch (error) {
      if (error instanceof ConnectorError && error.code === 'not_found') return undefined
      throw error
    }
  }

  /**
   * All changes in one step, or none. Answers `mismatch` when a value to delete is not there or one to add is (the
   * entry is not as we thought). Throws `unknown_outcome` when the answer was lost: look before doing it again.
   */
  async modify(dn: string, changes: readonly LdapChange[]): Promise<'done' | 'mismatch'> {
    return this.#run('write', async () => {
      try {
        await this.#client.modify(dn, changes.map(toLibraryChange))
        return 'done'
      } catch (error) {
        if (mismatches.has(resultCode(error) ?? 0)) return 'mismatch'
        throw error
      }
    })
  }

  /** Asks whether a modify would be allowed, without doing it. `undefined` when this server can't tell. */
  async mayModify(dn: string, changes: readonly LdapChange[]): Promise<boolean | undefined> {
    return this.#run('read', async () => {
      try {
        await this.#client.modify(dn, changes.map(toLibraryChange), new NoOperationControl())
        return undefined
      } catch (error) {
        const code = resultCode(error)
        if (code === undefined) throw error
        return code === noOperation ? true : code === 50 ? false : undefined
      }
    })
  }

  /**
   * Whether an attribute of an entry may be read, also where the entry has none: a search shows nothing in both cases, but
   * a comparison (RFC 4511, 4.10) is refused only for want of the right. `value` must be well-formed for the attribute.
   * `undefined` when this server can't tell.
   */
  async mayCompare(dn: string, attribute: string, value: string): Promise<boolean | undefined> {
    return this.#run('read', async () => {
      try {
        await this.#client.compare(dn, attribute, value)
        return true
      } catch (error) {
        const code = resultCode(error)
        if (code === undefined) throw error
        return comparable.get(code)
      }
    })
  }

  /** Who the server takes us for (RFC 4532); undefined when it has no such operation. */
  async whoAmI(): Promise<string | undefined> {
    return this.#run('read', async () => {
      try {
        return (await this.#client.exop('1.3.6.1.4.1.4203.1.11.3')).value
      } catch (error) {
        if (resultCode(error) === undefined) throw error
        return undefined
      }
    })
  }

  /** Says goodbye where that is possible at once, and closes. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#closed) this.#client.unbind().catch(() => {})
    this.#socket.destroySoon()
  }

  async #run<T>(phase: Phase, work: () => Promise<T>): Promise<T> {
    if (this.#closed) throw lost(phase === 'write' ? 'read' : phase) // nothing was sent
    const giveUp = Promise.withResolvers<never>()
    const stop = (): void => {
      this.#socket.destroy()
      giveUp.reject(late(phase, this.#signal.aborted))
    }
    // A signal of its own for the limit would go on to its end after each of the many short calls.
    const timer = setTimeout(stop, this.#limitMs)
    if (this.#signal.aborted) stop()
    else this.#signal.addEventListener('abort', stop, { once: true })
    try {
      return await Promise.race([giveUp.promise, this.#signal.aborted ? giveUp.promise : work()])
    } catch (error) {
      throw this.#sorted(error, phase)
    } finally {
      clearTimeout(timer)
      this.#signal.removeEventListener('abort', stop)
      giveUp.promise.catch(() => {})
    }
  }

  #sorted(error: unknown, phase: Phase): ConnectorError {
    const answered = error instanceof ConnectorError || resultCode(error) !== undefined
    // Neither an answer nor a lost connection: the library could not read what came.
    const unreadable = this.#malformed || (!answered && !this.#socket.destroyed)
    if (!unreadable) return failureOf(error, phase)
    this.#socket.destroy()
    return malformed(phase, error)
  }
}

function policyAnswer({ value }: PasswordPolicyControl): Omit<BindAnswer, 'refusal'> {
  return { policy: policyWord(value), passwordEndsInS: value?.timeBeforeExpiration }
}

// draft-behera-ldap-password-policy: accountLocked, changeAfterReset
const policyWords: Readonly<Record<number, PolicyAnswer>> = { 1: 'locked', 2: 'must_change' }

function policyWord(value: PasswordPolicyControl['value']): PolicyAnswer {
  if (value === undefined) return 'absent'
  if (value.error === undefined) return 'silent'
  return policyWords[value.error] ?? 'other'
}

function toLibraryChange(change: LdapChange): Change {
  const modification = new Attribute({ type: change.attribute, values: [...change.values] })
  return new Change({ operation: change.operation, modification })
}
