import { ConnectorError } from '#src/errors.ts'
import type { EntraDeps } from '#src/iam/entra/deps.ts'
import { type GraphRight, roleForAdministrators, roleInUnit } from '#src/iam/entra/permissions.ts'
import type { EntraUser } from '#src/iam/entra/user.ts'

/**
 * Graph says the same for a missing permission and for a person whom the application may not touch: where the permission is
 * there, it is a directory role that is missing. Throws `ConnectorError` when the authority can't be asked.
 */
export async function whatIsMissing(
  { client }: Pick<EntraDeps, 'client'>,
  refused: { readonly user: EntraUser; readonly right: GraphRight; readonly error: ConnectorError },
  signal: AbortSignal,
): Promise<ConnectorError> {
  const { user, right, error } = refused
  if ((await client.mayUse(right, signal)) !== true) return error
  const missing =
    user.isManagementRestricted === true
      ? { ...roleInUnit, detail: 'management_restricted' }
      : { ...roleForAdministrators, detail: 'privileged_account' }
  return new ConnectorError(error.code, error.message, { ...error.facts, ...missing }, error)
}
