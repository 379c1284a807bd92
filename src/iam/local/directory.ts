/** One local user, as far as a task is concerned. */
export interface LocalAccount {
  readonly id: string
  readonly email: string
  readonly state: 'enabled' | 'disabled'
  readonly enrollment: 'waiting' | 'expired' | 'enrolled'
  readonly hasPassword: boolean
  readonly groups: readonly { readonly id: string; readonly name: string }[]
}

/**
 * What the connector asks of the local users, each call one transaction. A change of an account that is gone answers
 * undefined. Done twice is as good as done once.
 */
export interface LocalDirectory {
  byEmail(address: string): Promise<LocalAccount | undefined>
  byId(id: string): Promise<LocalAccount | undefined>
  /** Disables and ends sessions, tokens and links; only `enable` takes this back. */
  disable(id: string): Promise<true | undefined>
  enable(id: string): Promise<true | undefined>
  /** Forgets the password, ends sessions and sends a link for a new one; a disabled account gets none. */
  resetPassword(id: string): Promise<true | undefined>
  /** How many sessions there were. */
  endSessions(id: string): Promise<number | undefined>
}
