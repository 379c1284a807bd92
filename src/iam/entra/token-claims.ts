import { decodeJwt } from 'jose'
import { z } from 'zod'

const Claims = z.object({ roles: z.array(z.string()).default([]) })

/**
 * The application permissions that an access token holds. Microsoft calls its tokens opaque, so one that can't be read is
 * nothing to worry about: undefined. Nobody is trusted for it; it is our own token. Pure.
 */
export function permissionsIn(token: string): readonly string[] | undefined {
  try {
    return Claims.parse(decodeJwt(token)).roles
  } catch {
    return undefined
  }
}
