import { html, raw } from 'hono/html'
import { toString as drawQr } from 'qrcode'
import type { Secret } from '#src/secrets.ts'
import type { Factor, Factors } from '#src/sign-in/factors.ts'
import type { PasskeyQuestion } from '#src/sign-in/passkeys.ts'
import type { TotpSetUp } from '#src/sign-in/totp.ts'
import { field, type Markup, type Page, problemBox, type Problem } from '#src/web/layout.ts'
import { timeText } from '#src/web/pages/words.ts'
import { passkeyScriptPath } from '#src/web/passkey-script.ts'

/** Where to go on afterwards, as forms carry it; empty for nowhere in particular. */
type ReturnTo = string | undefined

const hidden = (name: string, value: string): Markup =>
  html`<input type="hidden" name="${name}" value="${value}" />`

/** A form that the browser answers with a passkey. */
function passkeyForm(
  question: PasskeyQuestion,
  about: {
    readonly kind: 'add' | 'use'
    readonly action: string
    readonly label: string
    readonly inputs: Markup
  },
): Markup {
  return html`<form
    method="post"
    action="${about.action}"
    data-passkey="${about.kind}"
    data-options="${JSON.stringify(question.options)}"
    data-without="This browser knows no passkeys. Take another browser, or another way."
    data-failed="The browser did not get a passkey. Try again, or take another way."
  >
    ${hidden('challenge', question.challengeId)}${hidden('answer', '')}${about.inputs}
    <button>${about.label}</button>
    <p class="field-problem" role="status"></p>
    <noscript
      ><p class="hint">Passkeys need JavaScript in this browser. The other ways do without.</p></noscript
    >
  </form>`
}

/** What the second step shows. */
export interface StepShown {
  readonly returnTo: ReturnTo
  readonly passkey: PasskeyQuestion | undefined
  readonly hasApp: boolean
  readonly hasRecoveryCodes: boolean
  /** The person wants to type a recovery code. */
  readonly isRecovery: boolean
  readonly problem?: Problem | undefined
}

/** The second step of signing in. */
export function stepPage(shown: StepShown): Page {
  const { returnTo = '', passkey, hasApp, hasRecoveryCodes, isRecovery, problem } = shown
  const query = returnTo === '' ? '' : `&return_to=${encodeURIComponent(returnTo)}`
  const kind = isRecovery ? 'recovery_code' : 'totp'
  const code = html`<form method="post" action="/sign-in/step">
    ${hidden('return_to', returnTo)}${hidden('kind', kind)}
    ${field(
      {
        name: 'code',
        label: isRecovery ? 'Recovery code' : 'Code of your authenticator app',
        type: 'text',
        autocomplete: isRecovery ? 'off' : 'one-time-code',
        isCode: true,
        isFirst: true,
        maxLength: 60,
        hint: isRecovery ? 'Each of your recovery codes works once.' : 'The six digits that it shows now.',
      },
      problem,
    )}
    <button>Go on</button>
  </form>`
  const key =
    passkey === undefined
      ? ''
      : passkeyForm(passkey, {
          kind: 'use',
          action: '/sign-in/step/passkey',
          label: 'Use a passkey',
          inputs: hidden('return_to', returnTo),
        })
  const other = isRecovery
    ? html`<p class="more"><a href="/sign-in/step?${query.slice(1)}">Use your usual way instead</a></p>`
    : html`<p class="more"><a href="/sign-in/step?with=recovery_code${query}">Use a recovery code</a></p>`
  return {
    title: 'One more step',
    scripts: passkey === undefined || isRecovery ? [] : [passkeyScriptPath],
    body: html`${problemBox(problem, hasApp || isRecovery ? ['code'] : [])}
      ${isRecovery ? code : html`${key}${hasApp ? code : ''}`} ${isRecovery || hasRecoveryCodes ? other : ''}
      <p class="more">Lost them all? Ask your administrator to reset your second factors.</p>`,
  }
}

/** Choosing the first second factor, where one is required. */
export function choosePage(returnTo: ReturnTo, arePasskeysOffered: boolean): Page {
  const query = returnTo === undefined ? '' : `?return_to=${encodeURIComponent(returnTo)}`
  return {
    title: 'Set up a second factor',
    body: html`<p>Everybody signs in with a second factor here, so that a password alone opens nothing.</p>
      <p><a class="button" href="/access/app${query}">Use an authenticator app</a></p>
      ${
        arePasskeysOffered
          ? html`<p><a class="button" href="/access/passkey${query}">Use a passkey</a></p>
              <p class="hint">A passkey is this device's fingerprint, face or PIN, or a security key.</p>`
          : ''
      }`,
  }
}

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
      <p>No camera? Type this key into the app instead (based on time, six digits):</p>
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

function nameField(value: string, problem: Problem | undefined): Markup {
  const hint = 'What you know it by, if you have several.'
  return field(
    { name: 'name', label: 'Name', type: 'text', autocomplete: 'off', value, hint, maxLength: 60 },
    problem,
  )
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
      <p>It no longer signs you in then. Places where you are signed in stay so.</p>
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
