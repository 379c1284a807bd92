import { ConnectorError } from '#src/errors.ts'
import type { RightCheck } from '#src/iam/connector.ts'
import type { EntraDeps } from '#src/iam/entra/deps.ts'
import {
  type GraphRight,
  grantedUnder,
  graphRights,
  holds,
  permissionGranter,
} from '#src/iam/entra/permissions.ts'

/**
 * Looks at each permission without changing anything: what a new token says, and one read. Throws `ConnectorError` when
 * Graph can't be asked at all.
 */
export async function checkGraphRights(deps: EntraDeps, signal: AbortSignal): Promise<readonly RightCheck[]> {
  const permissions = await deps.client.freshPermissions(signal)
  const checks = Object.values(graphRights).map((right) => judge(right, permissions))
  const reads = await readsPeople(deps, signal)
  return checks.map((check) => {
    if (check.right !== graphRights.readUsers.permission || reads === undefined) return check
    return reads ? granted(check.right) : missing(check.right)
  })
}

function judge(right: GraphRight, permissions: readonly string[] | undefined): RightCheck {
  if (permissions === undefined)
    return {
      right: right.permission,
      status: 'not_provable',
      grantedBy: permissionGranter,
      where: 'the token can not be read',
    }
  return holds(permissions, right) ? granted(right.permission) : missing(right.permission)
}

function granted(right: string): RightCheck {
  return { right, status: 'granted', grantedBy: undefined }
}

function missing(right: string): RightCheck {
  return { right, status: 'missing', grantedBy: permissionGranter, where: grantedUnder }
}

async function readsPeople({ client }: EntraDeps, signal: AbortSignal): Promise<boolean> {
  try {
    const query = { $top: '1', $select: 'id,accountEnabled' }
    await client.call({ method: 'GET', path: '/users', query, right: graphRights.readUsers }, signal)
    return true
  } catch (error) {
    if (error instanceof ConnectorError && error.code === 'not_permitted') return false
    throw error
  }
}
