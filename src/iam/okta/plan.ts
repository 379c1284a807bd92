import type { OktaUser } from '#src/iam/okta/user.ts'

/** One change of a person's status. */
export type LifecycleStep = 'unlock' | 'suspend' | 'unsuspend' | 'deactivate' | 'activate'

/** What Disable or Enable does about an account as it is now. */
export type Plan =
  /** A change is under way at Okta: wait until it is through, then plan again. */
  | { readonly kind: 'wait' }
  /** The account is in the wanted state. */
  | { readonly kind: 'already' }
  | { readonly kind: 'steps'; readonly steps: readonly [LifecycleStep, ...LifecycleStep[]] }
  /** It stays disabled: that is what it was before Drawbridge came. */
  | { readonly kind: 'stays' }
  | {
      readonly kind: 'refused'
      readonly detail:
        | 'unsuspendable'
        | 'locked_in_directory'
        | 'account_changed_meanwhile'
        | 'deactivated_elsewhere'
    }

/** What planning looks at. */
export type PlannedUser = Pick<OktaUser, 'status' | 'transitioningTo' | 'provider'>

/** The eight statuses, and whether the person counts as disabled: only where none comes back without an administrator. */
const isDisabledStatus = {
  STAGED: true,
  PROVISIONED: false,
  ACTIVE: false,
  RECOVERY: false,
  PASSWORD_EXPIRED: false,
  LOCKED_OUT: false,
  SUSPENDED: true,
  DEPROVISIONED: true,
} as const

/** Whether the account is disabled. One that is on its way out of a disabled status, or into one, is not. */
export function isDisabled(user: Pick<PlannedUser, 'status' | 'transitioningTo'>): boolean {
  if (!isDisabledStatus[user.status]) return false
  return user.transitioningTo === undefined || user.transitioningTo === 'DEPROVISIONED'
}

/**
 * How to disable the account. Okta suspends only ACTIVE people; a lock by failures is taken away first, because it ends
 * by itself. Deactivating takes a person out of all applications, so it happens only where that was allowed. Pure.
 */
export function planDisable(user: PlannedUser, mayDeactivate: boolean): Plan {
  if (user.transitioningTo !== undefined) return { kind: 'wait' }
  switch (user.status) {
    case 'SUSPENDED':
    case 'DEPROVISIONED':
    case 'STAGED':
      return { kind: 'already' }
    case 'ACTIVE':
      return { kind: 'steps', steps: ['suspend'] }
    case 'LOCKED_OUT':
      return isDirectorySourced(user)
        ? { kind: 'refused', detail: 'locked_in_directory' }
        : { kind: 'steps', steps: ['unlock', 'suspend'] }
    case 'PASSWORD_EXPIRED':
    case 'RECOVERY':
    case 'PROVISIONED':
      return mayDeactivate
        ? { kind: 'steps', steps: ['deactivate'] }
        : { kind: 'refused', detail: 'unsuspendable' }
  }
}

/** What Enable needs to know of the before-image. */
export interface PlannedUndo {
  readonly status: OktaUser['status']
  /** What Disable was about to do. */
  readonly means: 'suspend' | 'deactivate' | 'nothing'
}

/**
 * How to undo a Disable: exactly, or not at all. A status that Disable did not leave is somebody else's, and is left to
 * them. Without a before-image only a suspension is lifted. Pure.
 */
export function planEnable(user: PlannedUser, before: PlannedUndo | undefined): Plan {
  if (user.transitioningTo !== undefined) return { kind: 'wait' }
  switch (user.status) {
    case 'ACTIVE':
    case 'LOCKED_OUT':
    case 'PASSWORD_EXPIRED':
    case 'RECOVERY':
    case 'PROVISIONED':
      return { kind: 'already' }
    case 'SUSPENDED':
      if (before?.status === 'SUSPENDED') return { kind: 'stays' }
      return before !== undefined && isDisabledStatus[before.status]
        ? { kind: 'refused', detail: 'account_changed_meanwhile' }
        : { kind: 'steps', steps: ['unsuspend'] }
    case 'STAGED':
    case 'DEPROVISIONED':
      if (before?.status === user.status) return { kind: 'stays' }
      if (user.status === 'DEPROVISIONED' && before?.means === 'deactivate')
        return { kind: 'steps', steps: ['activate'] }
      return {
        kind: 'refused',
        detail: before === undefined ? 'deactivated_elsewhere' : 'account_changed_meanwhile',
      }
  }
}

/** Whether a directory checks the password; then Okta can neither unlock the account nor change its password. */
export function isDirectorySourced({ provider }: Pick<PlannedUser, 'provider'>): boolean {
  return provider?.type === 'ACTIVE_DIRECTORY' || provider?.type === 'LDAP'
}

/** Whether a step's effect can be read on the account. Pure. */
export function showsStep(user: PlannedUser, step: LifecycleStep): boolean {
  switch (step) {
    case 'unlock':
      return user.status !== 'LOCKED_OUT'
    case 'suspend':
      return user.status === 'SUSPENDED'
    case 'unsuspend':
      return user.status !== 'SUSPENDED'
    case 'deactivate':
      return user.status === 'DEPROVISIONED' || user.transitioningTo === 'DEPROVISIONED'
    case 'activate':
      return user.status !== 'DEPROVISIONED' || user.transitioningTo !== undefined
  }
}
