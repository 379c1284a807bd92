import { type FixedAdmission, isLetIn, type ResourceKey } from '#db/queries/access.ts'
import type { Store } from '#db/store.ts'
import { readEmail, readGroupName } from '#src/local-users/account.ts'

/** Something that people reach by signing in: an OpenID client, or a protected host as browsers write it (`Host`). */
export type Resource = ResourceKey

/** A resource as people see it. */
export interface NamedResource extends Resource {
  readonly name: string
}

/** Whom a rule of the configuration names. `everybody` are all local users. */
export type FixedWho =
  | { readonly kind: 'everybody' }
  | { readonly kind: 'user'; readonly email: string }
  | { readonly kind: 'group'; readonly name: string }

/** What the configuration says about access. */
export interface AccessSettings {
  readonly resources: readonly NamedResource[]
  readonly rules: readonly { readonly to: readonly Resource[]; readonly who: readonly FixedWho[] }[]
}

/** The configuration's word on access, ready to be asked. */
export interface Access {
  readonly resources: readonly NamedResource[]
  /** One per resource and person, in the order of the configuration. */
  readonly fixedRules: readonly { readonly resource: Resource; readonly who: FixedWho }[]
  /** Whom the configuration lets in; undefined for what is not configured and is served to nobody. */
  admissionTo(resource: Resource): FixedAdmission | undefined
}

/** What the work on access needs. */
export interface AccessDeps {
  readonly store: Store
  readonly access: Access
}

const keyOf = ({ kind, id }: Resource): string => `${kind}:${id}`

/** Prepares the configuration's word on access. Pure. */
export function createAccess(settings: AccessSettings): Access {
  const fixedRules = settings.rules.flatMap(({ to, who }) =>
    to.flatMap((resource) => who.map((one) => ({ resource, who: one }))),
  )
  const admissions = new Map(
    settings.resources.map((resource) => {
      const mine = fixedRules.filter((rule) => keyOf(rule.resource) === keyOf(resource))
      return [keyOf(resource), admissionOf(mine.map(({ who }) => who))]
    }),
  )
  return {
    resources: settings.resources,
    fixedRules,
    admissionTo: (resource) => admissions.get(keyOf(resource)),
  }
}

function admissionOf(all: readonly FixedWho[]): FixedAdmission {
  return {
    everybody: all.some(({ kind }) => kind === 'everybody'),
    emailKeys: all.flatMap((who) => {
      const email = who.kind === 'user' ? readEmail(who.email) : 'email_missing'
      return typeof email === 'string' ? [] : [email.key]
    }),
    groupKeys: all.flatMap((who) => (who.kind === 'group' ? [readGroupName(who.name).key] : [])),
  }
}

/**
 * Whether a rule lets this local user reach the resource at this moment: they are enabled, the resource is configured, and
 * a rule names them, one of their groups, or everybody. Where no rule names anybody, nobody enters. One query.
 */
export async function mayReach(deps: AccessDeps, userId: string, resource: Resource): Promise<boolean> {
  const admission = deps.access.admissionTo(resource)
  if (admission === undefined) return false
  return await deps.store.read((ctx) => isLetIn(ctx, userId, resource, admission))
}
