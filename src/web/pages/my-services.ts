import { html } from 'hono/html'
import {
  endOwnService,
  type OwnService,
  type OwnServiceDeps,
  ownServices,
} from '#src/sign-in/oidc/own-services.ts'
import type { Markup } from '#src/web/layout.ts'
import { signedInOf } from '#src/web/pages/browser.ts'
import type { PageDeps } from '#src/web/pages/deps.ts'
import { readForm } from '#src/web/pages/form.ts'
import type { AccessPart } from '#src/web/pages/my-access.ts'
import { timeText } from '#src/web/pages/words.ts'
import type { WebApp } from '#src/web/server.ts'

/** The part of "My access" about services and protected sites. */
export function servicesOfMine(deps: OwnServiceDeps): AccessPart {
  return async ({ userId }) => servicesPart(await ownServices(deps, userId))
}

/** Ending a service from "My access". */
export function servicePages(pages: PageDeps, deps: OwnServiceDeps): (app: WebApp) => void {
  return (app) => {
    app.post('/access/services/end', async (context) => {
      const signedIn = await signedInOf(context, pages.users)
      if (signedIn === undefined) return context.redirect('/sign-in', 303)
      await endOwnService(deps, signedIn.userId, (await readForm(context))('id'))
      return context.redirect('/access', 303)
    })
  }
}

function servicesPart(all: readonly OwnService[]): Markup {
  if (all.length === 0)
    return html`<h2>What you may reach</h2>
      <p>Nothing yet: no rule names you. Ask your administrator for access.</p>`
  const canEndOne = all.some(isEnded)
  return html`<h2>What you may reach</h2>
    ${
      canEndOne
        ? html`<p class="hint">
            End takes a service’s access to your account back; one that listens signs you out at once. While
            you are signed in here, going back to it signs you in again.
          </p>`
        : ''
    }
    <ul class="rows">
      ${all.map(row)}
    </ul>`
}

/** Protected sites are among the sign-ins further up, where each has an end of its own. */
function isEnded({ kind, signedInAt, offlineUntil }: OwnService): boolean {
  return kind === 'client' && (signedInAt !== undefined || offlineUntil !== undefined)
}

function row(one: OwnService): Markup {
  const { kind, id, name, mayReach, signedInAt, offlineUntil } = one
  const title = html`<strong><bdi>${name}</bdi></strong>`
  return html`<li>
    <div>
      <p>
        ${kind === 'host' ? html`<a href="https://${id}/">${title}</a>` : title} ·
        ${kind === 'host' ? 'Protected site' : 'Service'}
      </p>
      <p class="hint">
        ${signedInAt === undefined ? 'Not signed in' : html`Signed in since ${timeText(signedInAt)}`}
      </p>
      ${
        offlineUntil === undefined
          ? ''
          : html`<p class="hint">May act for you also while you are away, until ${timeText(offlineUntil)}</p>`
      }
      ${mayReach ? '' : html`<p class="hint">No rule lets you reach it any more</p>`}
    </div>
    ${
      isEnded(one)
        ? html`<form method="post" action="/access/services/end">
            <button class="quiet" name="id" value="${id}" aria-label="End at ${name}">End</button>
          </form>`
        : ''
    }
  </li>`
}
