import type { OktaErrorCode } from '#src/sandbox/okta/errors.ts'
import type { OktaStatus } from '#src/sandbox/okta/world.ts'

/** The lifecycle operations of the API, as their paths name them. */
export const lifecycleOperations = [
  'suspend',
  'unsuspend',
  'deactivate',
  'activate',
  'reactivate',
  'unlock',
  'expire_password',
  'expire_password_with_temp_password',
  'reset_password',
] as const
export type LifecycleOperation = (typeof lifecycleOperations)[number]

type Row = Readonly<Record<OktaStatus, OktaErrorCode | 'yes'>>

const everywhere = (code: OktaErrorCode | 'yes'): Row => ({
  STAGED: code,
  PROVISIONED: code,
  ACTIVE: code,
  RECOVERY: code,
  PASSWORD_EXPIRED: code,
  LOCKED_OUT: code,
  SUSPENDED: code,
  DEPROVISIONED: code,
})

const expire: Row = { ...everywhere('E0000038'), ACTIVE: 'yes' }

/**
 * Which operation is allowed in which status, and with which code it is refused elsewhere. None is idempotent: what was done
 * once is refused the second time.
 */
export const statusTable: Readonly<Record<LifecycleOperation, Row>> = {
  suspend: { ...everywhere('E0000001'), ACTIVE: 'yes' },
  unsuspend: { ...everywhere('E0000001'), SUSPENDED: 'yes' },
  deactivate: { ...everywhere('yes'), DEPROVISIONED: 'E0000001' },
  activate: {
    ...everywhere('E0000038'),
    STAGED: 'yes',
    DEPROVISIONED: 'yes',
    ACTIVE: 'E0000016',
    SUSPENDED: 'E0000001',
  },
  reactivate: {
    ...everywhere('E0000038'),
    PROVISIONED: 'yes',
    RECOVERY: 'yes',
    STAGED: 'E0000001',
  },
  // An ACTIVE person may be unlocked too while unknown devices are blocked: see `unlock`.
  unlock: { ...everywhere('E0000032'), LOCKED_OUT: 'yes' },
  expire_password: expire,
  expire_password_with_temp_password: expire,
  reset_password: {
    ...everywhere('E0000038'),
    PROVISIONED: 'yes',
    ACTIVE: 'yes',
    RECOVERY: 'yes',
    PASSWORD_EXPIRED: 'yes',
    LOCKED_OUT: 'yes',
  },
}

/** The permission of a custom role that an operation needs. */
export const operationPermissions: Readonly<Record<LifecycleOperation, string>> = {
  suspend: 'okta.users.lifecycle.suspend',
  unsuspend: 'okta.users.lifecycle.unsuspend',
  deactivate: 'okta.users.lifecycle.deactivate',
  activate: 'okta.users.lifecycle.activate',
  reactivate: 'okta.users.lifecycle.activate',
  unlock: 'okta.users.lifecycle.unlock',
  expire_password: 'okta.users.credentials.expirePassword',
  expire_password_with_temp_password: 'okta.users.credentials.expirePassword',
  reset_password: 'okta.users.credentials.resetPassword',
}
