import type { Config } from '#src/config.ts'
import { type Access, createAccess } from '#src/sign-in/access-rules.ts'
import type { OidcSettings } from '#src/sign-in/oidc/settings.ts'
import type { TaskRules } from '#src/tasks/deps.ts'

/** What the configuration says about tasks. Pure. */
export function taskRules(config: Config): TaskRules {
  const { approval, enforcement, protection, roles, escalateTo } = config
  return {
    approval,
    approvers: roles.approver,
    escalateTo,
    protection,
    ...enforcement,
  }
}

/** Where the messages of each kind of work go. Pure. */
export function channelsOf(config: Config) {
  const { channels } = config.slack
  return {
    disable_account: channels.disable_account ?? channels.default,
    enable_account: channels.enable_account ?? channels.default,
    force_password_reset: channels.force_password_reset ?? channels.default,
    force_sign_out: channels.force_sign_out ?? channels.default,
    local_users: channels.local_users ?? channels.default,
  }
}

/** What the configuration says about who reaches what. Pure. */
export function accessOf(config: Config): Access {
  const hosts = config.access.hosts.map(({ host, name }) => ({ kind: 'host' as const, id: host, name }))
  const clients = config.openid.clients.map(({ id, name }) => ({ kind: 'client' as const, id, name }))
  return createAccess({ resources: [...hosts, ...clients], rules: config.access.rules })
}

/** Where local users sign in; undefined where there are no pages. Pure. */
export function signInUrlOf({ web }: Config): string | undefined {
  return web === undefined ? undefined : `${web.publicUrl}/sign-in`
}

/** What jobs are told by the configuration. Pure. */
export function jobRules({ retention, web, openid }: Config): {
  readonly retention: Config['retention']
  readonly oidc: OidcSettings | undefined
} {
  const oidc = web && { publicUrl: web.publicUrl, secrets: web.secrets, clients: openid.clients }
  return { retention, oidc }
}

/** What the pages are told; undefined where there are none. Pure. */
export function webOf({ web, openid }: Config) {
  return web && { web, clients: openid.clients }
}
