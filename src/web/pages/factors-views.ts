import { html, raw } from 'hono/html'
import { toString as drawQr } from 'qrcode'
import type { Secret } from '#src/secrets.ts'
import type { Factor, Factors } from '#src/sign-in/factors.ts'
import type { PasskeyQuestion } from '#src/sign-in/passkeys.ts'
import type { TotpSetUp } from '#src/sign-in/totp.ts'
import { field, type Markup, type Page, problemBox, type Problem } from '#src/web/layout.ts'
import { hidden, nameField, passkeyForm, type ReturnTo } from '#src/web/pages/factors-forms.ts'
import { timeText } from '#src/web/pages/words.ts'
import { passkeyScriptPath } from '#src/web/passkey-script.ts'

/** Setting up an authenticator app: the QR, the secret to type, the first code. */
export async function appPage(
  setUp: TotpSetUp,
  shown: { readonly returnTo: ReturnTo; readonly name?: string; readonly problem?: Problem },
): Promise<Page> {
  const qr = await drawQr(setUp.uri.reveal(), { type: 'svg', margin: 2, errorCorrectionLevel: 'M' })
  const typed = setUp.typed.reveal().replaceAll(/(.{4})(?=.)/g, '$1 ')
  return {
    title: 'Set up an authenticator app',
    body: html`${problemBox(shown.problem, ['code', 'name'])}
      <p>Scan this with the app, then type the code that it shows.</p>
      <div
        class="qr"
        role="img"
        aria-label="QR code for an authenticator app; the same key stands below as text"
      >
        ${raw(qr)}
      </div>
      <p>No camera? Type this key into the app instead (time-based, six digits):</p>
      <p class="secret" id="key" translate="no">${typed}</p>
      <form method="post" action="/access/app">
        ${hidden('return_to', shown.returnTo ?? '')}${hidden('set_up', setUp.id)}
        ${field(
          {
            name: 'code',
            label: 'Code',
            type: 'text',
            autocomplete: 'one-time-code',
            isCode: true,
            isFirst: true,
            maxLength: 10,
            hint: 'The six digits that the app shows now.',
          },
          shown.problem,
        )}
        ${nameField(shown.name ?? 'Authenticator app', shown.problem)}
        <button>Set it up</button>
      </form>`,
  }
}

/** Adding a passkey. */
export function passkeyPage(
  question: PasskeyQuestion,
  shown: { readonly returnTo: ReturnTo; readonly problem?: Problem },
): Page {
  return {
    title: 'Add a passkey',
    scripts: [passkeyScriptPath],
    body: html`${problemBox(shown.problem, ['name'])}
      <p>Your browser will ask for your fingerprint, face or PIN, or for a security key.</p>
      ${passkeyForm(question, {
        kind: 'add',
        action: '/access/passkey',
        label: 'Add a passkey',
        inputs: html`${hidden('return_to', shown.returnTo ?? '')}${nameField('Passkey', shown.problem)}`,
      })}`,
  }
}

/** The recovery codes, this once. */
export function codesPage(codes: readonly Secret[], goOnPath: string): Page {
  return {
    title: 'Your recovery codes',
    body: html`<p>
        If you lose your phone or key, one of these lets you in instead. Each works once. They are shown only
        now: print them, or put them into your password manager.
      </p>
      <ul class="codes" translate="no">
        ${codes.map((code) => html`<li>${code.reveal()}</li>`)}
      </ul>
      <a class="button" href="${goOnPath}">I have kept them</a>`,
  }
}

/** One factor: its name, and removing it. */
export function factorPage(one: Factor, problem?: Problem): Page {
  return {
    title: one.kind === 'totp' ? 'Authenticator app' : 'Passkey',
    body: html`${problemBox(problem, ['name'])}
      <form method="post" action="/access/factor/${one.id}/name">
        ${nameField(one.name, problem)}
        <button>Save the name</button>
      </form>
      <h2>Remove it</h2>
      <p>It no longer signs you in then. You stay signed in where you are.</p>
      <form method="post" action="/access/factor/${one.id}/remove">
        <button class="quiet">Remove <bdi>${one.name}</bdi></button>
      </form>
      <p class="more"><a href="/access">Back</a></p>`,
  }
}

/** For what needs a fresh sign-in. */
export function againPage(returnTo: string, sentence: string): Page {
  return {
    title: 'Sign in again first',
    body: html`<p>${sentence}</p>
      <p>
        Signing in again ends the sign-in before it, also on the sites and at the services that you reached
        with it. Save there what is not finished.
      </p>
      <form method="post" action="/access/sign-in-again">
        ${hidden('return_to', returnTo)}
        <button>Sign in again</button>
      </form>
      <p class="more"><a href="/access">Back</a></p>`,
  }
}

/** The part of "My access" about second factors. */
export function factorsPart({ all, recoveryCodesLeft }: Factors, arePasskeysOffered: boolean): Markup {
  const none = html`<p>
    You have none: your password alone signs you in. Add one, so that it takes more than that.
  </p>`
  return html`<h2>Second factors</h2>
    ${
      all.length === 0
        ? none
        : html`<ul class="rows">
            ${all.map(factorRow)}
          </ul>`
    }
    <p><a href="/access/app">Add an authenticator app</a></p>
    ${arePasskeysOffered ? html`<p><a href="/access/passkey">Add a passkey</a></p>` : ''}
    ${all.length === 0 ? '' : codesRow(recoveryCodesLeft)}`
}

function codesRow(left: number): Markup {
  const count = left === 1 ? '1 recovery code is left.' : `${left} recovery codes are left.`
  return html`<div class="bar">
    <p>${count} New ones replace them.</p>
    <form method="post" action="/access/recovery-codes">
      <button class="quiet">Make new recovery codes</button>
    </form>
  </div>`
}

function factorRow({ id, kind, name, addedAt, usedAt }: Factor): Markup {
  const kindName = kind === 'totp' ? 'Authenticator app' : 'Passkey'
  const used = usedAt === undefined ? 'not used yet' : html`last used ${timeText(usedAt)}`
  return html`<li>
    <div>
      <p>
        <strong><bdi>${name}</bdi></strong
        >${name === kindName ? '' : ` · ${kindName}`}
      </p>
      <p class="hint">Added ${timeText(addedAt)}, ${used}</p>
    </div>
    <a href="/access/factor/${id}" aria-label="Change or remove ${name}">Change</a>
  </li>`
}
