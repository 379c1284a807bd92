import { record } from '#src/audit/audit.ts'
import { sameSecret } from '#src/secrets.ts'
import { type Counter, giveTurnBack, lastCountedAt, takeTurn } from '#src/sign-in/lock-out.ts'
import type { OidcDeps } from '#src/sign-in/oidc/settings.ts'
import { sourceOf } from '#src/sign-in/source.ts'

const triesUntilNotice = 10
// Kept for two days: a service that comes once a day stays known.
const proofAgainMs = 12 * 60 * 60 * 1000

/** How a client's secret was judged; `wait`: nothing was judged, for so long. */
export type SecretVerdict =
  | { readonly kind: 'right' }
  | { readonly kind: 'wrong' }
  | { readonly kind: 'wait'; readonly ms: number }

/**
 * Judges the secret that somebody shows for a client. Wrong ones are slowed by client and source, on all replicas together.
 * Nobody locks a client out: strangers elsewhere count elsewhere, and where a client proved its secret within two days the
 * right one is not slowed, however many wrong ones come from there. Those cannot be guessed: secrets have 32 characters.
 */
export async function judgeClientSecret(
  { store, clock, oidc }: OidcDeps,
  shown: { readonly clientId: string; readonly secret: string; readonly source: string },
): Promise<SecretVerdict> {
  const { clientId } = shown
  const now = clock.now()
  const what = `${clientId} ${sourceOf(shown.source)}`
  const tries: Counter = { by: 'client', what }
  const proof: Counter = { by: 'client_proof', what }
  const configured = oidc.clients.find(({ id }) => id === clientId)?.secret
  const isRight = configured !== undefined && sameSecret(configured.reveal(), shown.secret)
  const provenAt = isRight ? await store.read((ctx) => lastCountedAt(ctx, now, proof)) : undefined
  if (provenAt !== undefined && now.getTime() - provenAt.getTime() < proofAgainMs) return { kind: 'right' }
  return await store.write(async (ctx) => {
    const turn = provenAt === undefined ? await takeTurn(ctx, now, [tries]) : undefined
    if (turn?.kind === 'wait') return { kind: 'wait', ms: turn.ms }
    if (isRight) {
      if (turn !== undefined) await giveTurnBack(ctx, [tries])
      await takeTurn(ctx, now, [proof])
      return { kind: 'right' }
    }
    if (turn?.tries === triesUntilNotice)
      await record(ctx, now, { kind: 'relying_party_slowed', actor: 'unknown', facts: { clientId } })
    return { kind: 'wrong' }
  })
}
