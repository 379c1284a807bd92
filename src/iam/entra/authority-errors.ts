import { z } from 'zod'
import { ConnectorError, type ConnectorErrorCode } from '#src/errors.ts'
import { retryAtOf } from '#src/iam/entra/errors.ts'
import type { HttpAnswer } from '#src/iam/http.ts'

const Refusal = z.object({
  error: z.string(),
  error_codes: z.array(z.number()).optional(),
  correlation_id: z.string().optional(),
})
type Refusal = z.infer<typeof Refusal>

// Microsoft may change these numbers, so they choose a better sentence and nothing else.
const sentences: Readonly<Record<number, string>> = {
  7000215: 'client_secret_wrong',
  7000222: 'credential_expired',
  700016: 'application_not_found',
  90002: 'tenant_not_found',
  700027: 'certificate_not_registered',
  7000112: 'application_disabled',
  53003: 'blocked_by_conditional_access',
}

/** What a refused sign-in means. The OAuth word `error` decides, the status only where there is none. Pure. */
export function authorityError(answer: HttpAnswer, now: Date): ConnectorError {
  const read = Refusal.safeParse(answer.body)
  const refusal = read.success ? read.data : undefined
  const number = refusal?.error_codes?.[0]
  const facts = {
    detail: number === undefined ? undefined : sentences[number],
    vendorCode: number === undefined ? refusal?.error : `AADSTS${number}`,
    requestId: refusal?.correlation_id,
    retryAt: retryAtOf(answer, now),
  }
  const message = `The authority refused: ${answer.status} ${refusal?.error ?? 'without a reason'}`
  return new ConnectorError(codeOf(answer.status, refusal), message, facts)
}

function codeOf(status: number, refusal: Refusal | undefined): ConnectorErrorCode {
  if (status === 429) return 'rate_limited'
  if (status >= 500) return 'unavailable'
  if (refusal === undefined) return 'bad_response'
  switch (refusal.error) {
    case 'temporarily_unavailable':
    case 'server_error':
      return 'unavailable'
    case 'invalid_scope':
    case 'invalid_resource':
    case 'unsupported_grant_type':
      return 'misconfigured'
    default:
      return 'bad_credentials'
  }
}
