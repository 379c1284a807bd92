import type { Log } from '#src/log.ts'
import type { LocalUserDeps } from '#src/local-users/deps.ts'
import { readLocalSettings } from '#src/local-users/settings.ts'
import type { Secret } from '#src/secrets.ts'
import { type Access } from '#src/sign-in/access-rules.ts'
import { createVerdicts } from '#src/sign-in/forward-auth.ts'
import { createSignIn } from '#src/sign-in/sign-in.ts'
import { forwardAuthRoutes, ticketRoute } from '#src/web/forward-auth.ts'
import { signedInOf } from '#src/web/pages/browser.ts'
import type { PageDeps } from '#src/web/pages/deps.ts'
import { factorPages, factorsOfMine } from '#src/web/pages/factors.ts'
import { slackPages } from '#src/web/pages/factors-slack.ts'
import { linkPages } from '#src/web/pages/links.ts'
import { accessPages } from '#src/web/pages/my-access.ts'
import { withReturnTo } from '#src/web/pages/return-to.ts'
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
}

/** Starts everything that people and services ask over the web. Throws `WebAddressError`. */
export async function startWeb(deps: {
  readonly web: WebSettings
  readonly users: LocalUserDeps
  readonly access: Access
  /** Slack users and user groups that hold the role owner. */
  readonly owners: readonly string[]
  readonly log: Log
}): Promise<WebServer> {
  const { web, access, log } = deps
  const users = { ...deps.users, web }
  const pages: PageDeps = {
    users,
    signIn: createSignIn({ ...deps.users, secrets: web.secrets }),
    branding: async () => (await users.store.read(readLocalSettings)).brandingText,
  }
  const forward = {
    forward: { ...deps.users, access, verdicts: createVerdicts() },
    publicUrl: web.publicUrl,
    signedIn: (context: Parameters<typeof signedInOf>[0]) => signedInOf(context, users),
    signInPath: (returnTo: string) => withReturnTo('/sign-in', returnTo),
  }
  return await createWebServer({
    ...web,
    log,
    anyHost: [forwardAuthRoutes(forward)],
    pages: [
      signInPages(pages),
      linkPages(pages),
      accessPages(pages, [factorsOfMine(pages)]),
      factorPages(pages),
      slackPages({ ...pages, owners: deps.owners }),
      ticketRoute(forward),
    ],
  })
}
