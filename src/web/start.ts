import type { Log } from '#src/log.ts'
import { createBreachedPasswords } from '#src/local-users/breached-passwords.ts'
import type { LocalUserDeps } from '#src/local-users/deps.ts'
import { readLocalSettings } from '#src/local-users/settings.ts'
import type { Secret } from '#src/secrets.ts'
import type { Access } from '#src/sign-in/access-rules.ts'
import { createVerdicts } from '#src/sign-in/forward-auth.ts'
import { createOidc } from '#src/sign-in/oidc/oidc.ts'
import type { OidcClient } from '#src/sign-in/oidc/settings.ts'
import { createPasswordTurns } from '#src/local-users/password-turns.ts'
import { createSignIn } from '#src/sign-in/sign-in.ts'
import { forwardAuthRoutes, forwardCheck, ticketRoute } from '#src/web/forward-auth.ts'
import { interactionPages, openIdRoutes } from '#src/web/openid.ts'
import { openIdPages } from '#src/web/openid-pages.ts'
import { signedInOf } from '#src/web/pages/browser.ts'
import type { PageDeps } from '#src/web/pages/deps.ts'
import { factorPages, factorsOfMine } from '#src/web/pages/factors.ts'
import { slackPages } from '#src/web/pages/factors-slack.ts'
import { linkPages } from '#src/web/pages/links.ts'
import { accessPages } from '#src/web/pages/my-access.ts'
import { passwordOfMine, passwordPages } from '#src/web/pages/password.ts'
import { servicePages, servicesOfMine } from '#src/web/pages/my-services.ts'
import { signInPath } from '#src/web/pages/return-to.ts'
import { signInPages } from '#src/web/pages/sign-in.ts'
import { createWebServer, type WebServer } from '#src/web/server.ts'

/** The `web` section of the configuration. */
export interface WebSettings {
  /** Origin only, without a slash at the end. */
  readonly publicUrl: string
  readonly host: string
  readonly port: number
  readonly trustedProxies: readonly string[]
  /** Newest first. */
  readonly secrets: readonly Secret[]
  /** Of a service that knows breached passwords; nobody is asked without it. */
  readonly breachedPasswordsUrl?: string | undefined
}

/** Starts everything that people and services ask over the web. Throws `WebAddressError`. */
export async function startWeb(deps: {
  readonly web: WebSettings
  readonly users: LocalUserDeps
  readonly access: Access
  /** Services that sign people in through OpenID Connect. */
  readonly clients: readonly OidcClient[]
  /** Slack users and user groups that hold the role owner. */
  readonly owners: readonly string[]
  readonly log: Log
}): Promise<WebServer> {
  const { web, access, clients, log } = deps
  const { breachedPasswordsUrl: url } = web
  const breached = url === undefined ? undefined : createBreachedPasswords({ url, log })
  const turns = createPasswordTurns(deps.users.onLimit)
  const users = { ...deps.users, web, breached, turns }
  const pages: PageDeps = {
    users,
    signIn: createSignIn({ ...deps.users, secrets: web.secrets, turns }),
    branding: () => readBranding(users, log),
  }
  const forward = {
    forward: { ...deps.users, access, verdicts: createVerdicts() },
    publicUrl: web.publicUrl,
    signedIn: (context: Parameters<typeof signedInOf>[0]) => signedInOf(context, users),
    signInPath,
    branding: pages.branding,
  }
  const services = { ...deps.users, access }
  const openId = {
    oidc: createOidc({
      ...deps.users,
      access,
      oidc: { publicUrl: web.publicUrl, secrets: web.secrets, clients },
      pages: openIdPages(pages.branding),
      log,
    }),
    publicUrl: web.publicUrl,
    branding: pages.branding,
    signedIn: forward.signedIn,
    signInPath,
  }
  return await createWebServer({
    ...web,
    log,
    branding: pages.branding,
    pageless: [forwardCheck(forward)],
    anyHost: [forwardAuthRoutes(forward)],
    machines: [openIdRoutes(openId)],
    pages: [
      signInPages(pages),
      linkPages(pages),
      accessPages(pages, [servicesOfMine(services), passwordOfMine, factorsOfMine(pages)]),
      servicePages(pages, services),
      passwordPages(pages),
      factorPages(pages),
      slackPages({ ...pages, owners: deps.owners }),
      ticketRoute(forward),
      interactionPages(openId),
    ],
  })
}

/** Empty where it can't be read: a page that says what is the matter must not fail for want of it. */
async function readBranding({ store }: LocalUserDeps, log: Log): Promise<string> {
  try {
    return (await store.read(readLocalSettings)).brandingText
  } catch (err) {
    log.warn({ err }, 'the branding text could not be read, so a page goes without it')
    return ''
  }
}
