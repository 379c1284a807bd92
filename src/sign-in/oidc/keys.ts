import { calculateJwkThumbprint, exportJWK, generateKeyPair, type JWK } from 'jose'
import { z } from 'zod'
import {
  deleteOidcKeys,
  insertOidcKey,
  type OidcKeyRow,
  oidcKeys,
  resealOidcKey,
} from '#db/queries/oidc-keys.ts'
import { secret } from '#src/secrets.ts'
import type { OidcDeps } from '#src/sign-in/oidc/settings.ts'
import { seal, unseal } from '#src/sign-in/sealed.ts'

const dayMs = 24 * 60 * 60 * 1000
const renewAfterMs = 90 * dayMs
/** For how long a key is published before it signs, and after the next one does. */
const overlapMs = dayMs

/** A signing key with its private part. */
export type SigningKey = JWK & { readonly kid: string; readonly alg: 'RS256' }

/** The keys of this moment: the first one signs, all are published. At least one. */
export type SigningKeys = readonly [SigningKey, ...SigningKey[]]

/** What is to be done about the keys. */
export interface KeyPlan<Row> {
  /** Undefined when none can sign now. */
  readonly signing: Row | undefined
  /** Published besides that one: the next, and the last one for as long as its tokens may count. */
  readonly others: readonly Row[]
  readonly over: readonly Row[]
  /** From when a new one is to sign; undefined when none is needed. */
  readonly newFrom: Date | undefined
}

/** Plans the life of keys, of which `rows` are in the order in which they sign. Pure. */
export function planKeys<Row extends Pick<OidcKeyRow, 'signsFrom'>>(
  rows: readonly Row[],
  now: Date,
): KeyPlan<Row> {
  const at = now.getTime()
  const signing = rows.findLast(({ signsFrom }) => signsFrom.getTime() <= at)
  const over = rows.filter((_, i) => {
    const next = rows[i + 1]
    return next !== undefined && next.signsFrom.getTime() + overlapMs <= at
  })
  const newest = rows.at(-1)
  const isOld = newest === undefined || newest.signsFrom.getTime() + renewAfterMs <= at
  const newFrom = signing === undefined ? now : isOld ? new Date(at + overlapMs) : undefined
  return { signing, others: rows.filter((row) => row !== signing && !over.includes(row)), over, newFrom }
}

const sealedFor = (id: string) => ({ label: 'oidc signing key', owner: id })

const PrivateKey = z
  .looseObject({ kty: z.literal('RSA'), kid: z.string(), n: z.string(), e: z.string(), d: z.string() })
  .transform((jwk) => ({ ...jwk, alg: 'RS256' as const, use: 'sig' }))

interface OpenKey {
  readonly row: OidcKeyRow
  readonly signsFrom: Date
  readonly jwk: SigningKey
}

/**
 * The signing keys, made and renewed where that is due, and sealed anew after `web.secret` changed. A key that none of the
 * secrets opens is left alone and another one made.
 */
export async function loadSigningKeys(deps: OidcDeps): Promise<SigningKeys> {
  const { store, clock, oidc } = deps
  const open = (rows: readonly OidcKeyRow[]) => rows.flatMap((row) => openKey(row, oidc.secrets))
  const first = planKeys(open(await store.read((ctx) => oidcKeys(ctx))), clock.now())
  if (isSettled(first, oidc.secrets)) return keysOf(first)
  const fresh = first.newFrom === undefined ? undefined : await makeKey()
  const settled = await store.write(async (ctx) => {
    const now = clock.now()
    const plan = planKeys(open(await oidcKeys(ctx)), now)
    await deleteOidcKeys(
      ctx,
      plan.over.map(({ row }) => row.id),
    )
    for (const { row, jwk } of [plan.signing, ...plan.others].flatMap((one) => one ?? []))
      if (isSealedBefore(row, oidc.secrets)) await resealOidcKey(ctx, row.id, sealKey(jwk, oidc.secrets))
    if (plan.newFrom !== undefined && fresh !== undefined) {
      const { kid, kty, n, e, alg } = fresh
      const publicJwk = { kid, kty, n, e, alg, use: 'sig' }
      const sealed = sealKey(fresh, oidc.secrets)
      await insertOidcKey(ctx, { id: kid, publicJwk, sealed, createdAt: now, signsFrom: plan.newFrom })
    }
    return planKeys(open(await oidcKeys(ctx)), now)
  })
  return keysOf(settled)
}

function isSettled(plan: KeyPlan<OpenKey>, secrets: OidcDeps['oidc']['secrets']): boolean {
  if (plan.newFrom !== undefined || plan.over.length > 0) return false
  return ![plan.signing, ...plan.others].some((one) => one !== undefined && isSealedBefore(one.row, secrets))
}

function keysOf({ signing, others }: KeyPlan<OpenKey>): SigningKeys {
  if (signing === undefined) throw new Error('there is no key to sign with')
  return [signing.jwk, ...others.map(({ jwk }) => jwk)]
}

function openKey(row: OidcKeyRow, secrets: OidcDeps['oidc']['secrets']): readonly OpenKey[] {
  const text = unseal(secrets, sealedFor(row.id), row.sealed)
  if (text === undefined) return []
  return [{ row, signsFrom: row.signsFrom, jwk: PrivateKey.parse(JSON.parse(text.reveal())) }]
}

/** Whether a key is under the seal of a secret that is on its way out. */
function isSealedBefore(row: OidcKeyRow, secrets: OidcDeps['oidc']['secrets']): boolean {
  return unseal(secrets.slice(0, 1), sealedFor(row.id), row.sealed) === undefined
}

function sealKey(jwk: SigningKey, secrets: OidcDeps['oidc']['secrets']): string {
  return seal(secrets, sealedFor(jwk.kid), secret(JSON.stringify(jwk)))
}

async function makeKey(): Promise<SigningKey> {
  const { privateKey } = await generateKeyPair('RS256', { modulusLength: 2048, extractable: true })
  const jwk = await exportJWK(privateKey)
  const kid = await calculateJwkThumbprint({
    kty: jwk.kty ?? '',
    ...(jwk.n !== undefined && { n: jwk.n }),
    ...(jwk.e !== undefined && { e: jwk.e }),
  })
  return { ...jwk, kid, alg: 'RS256', use: 'sig' }
}
