import { createHash } from 'node:crypto'
import { html } from 'hono/html'
import { style } from '#src/web/style.ts'

/** Markup in which all foreign text is escaped. */
export type Markup = ReturnType<typeof html>

/** Where the style sheet is: another address as soon as it changes, so that browsers keep it for ever. */
export const stylePath = `/assets/${createHash('sha256').update(style).digest('hex').slice(0, 16)}.css`

/** A page as a whole. */
export interface Page {
  /** What it is about; also its heading. */
  readonly title: string
  readonly body: Markup
  /** Plain text of the local settings that stands above; empty for none. */
  readonly branding?: string | undefined
  /** For pages with lists. */
  readonly isWide?: boolean
  /** Paths of scripts of our own, where a page can't do without. */
  readonly scripts?: readonly string[]
  /** Where the style sheet is, for pages that are shown on another host. */
  readonly stylePath?: string
  /** A path to which the browser goes at once by itself. */
  readonly goOnTo?: string
}

/** Writes a page. */
export function renderPage(page: Page): Markup {
  const { title, body, branding = '', isWide = false, scripts = [], goOnTo } = page
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="robots" content="noindex" />
        <title>${title} · Drawbridge</title>
        ${goOnTo === undefined ? '' : html`<meta http-equiv="refresh" content="0; url=${goOnTo}" />`}
        <link rel="stylesheet" href="${page.stylePath ?? stylePath}" />
        <link rel="icon" href="data:," />
        ${scripts.map((path) => html`<script type="module" src="${path}"></script>`)}
      </head>
      <body>
        ${branding === '' ? '' : html`<header class="brand" dir="auto">${branding}</header>`}
        <main class="${isWide ? 'wide' : ''}">
          <h1>${title}</h1>
          ${body}
        </main>
      </body>
    </html>`
}

/** What to say where something went wrong on our side; the log has it by the reference. */
export function failedOnOurSide(reference: string): Markup {
  const sentence = `Something went wrong on our side. Try again; if it stays so, tell your administrator the reference ${reference}.`
  return html`<p>${sentence}</p>`
}

/** What a person typed that will not do: a sentence, under a field where it belongs to one. */
export interface Problem {
  readonly sentence: string
  readonly field?: string | undefined
}

/** The sentence above a form, for what belongs to no field of it. Announced at once by screen readers. */
export function problemBox(problem: Problem | undefined, fields: readonly string[]): Markup | '' {
  if (problem === undefined || fields.includes(problem.field ?? '')) return ''
  return html`<p class="problem" role="alert">${problem.sentence}</p>`
}

/** One input of a form. */
export interface Field {
  readonly name: string
  readonly label: string
  readonly type: 'email' | 'password' | 'text'
  readonly autocomplete: string
  readonly value?: string
  readonly hint?: string
  /** For short codes. */
  readonly isCode?: boolean
  readonly isFirst?: boolean
  readonly maxLength?: number
}

/** An input with its label, its hint and what is wrong with it, tied together for screen readers. */
export function field(one: Field, problem?: Problem): Markup {
  const mine = problem?.field === one.name ? problem.sentence : undefined
  const described = [
    ...(one.hint === undefined ? [] : [`${one.name}-hint`]),
    ...(mine === undefined ? [] : [`${one.name}-problem`]),
  ].join(' ')
  const noted = described === '' ? '' : html` aria-describedby="${described}"`
  const wrong = mine === undefined ? '' : html` aria-invalid="true"`
  const code = one.isCode === true ? html` class="code" spellcheck="false" autocapitalize="none"` : ''
  // Browsers refuse addresses with other than Latin letters before the @ in inputs of type email.
  const email = html`type="text" inputmode="email" autocapitalize="none" spellcheck="false"`
  const focus = one.isFirst === true || mine !== undefined ? html` autofocus` : ''
  return html`<label for="${one.name}">${one.label}</label>
    <input
      id="${one.name}"
      name="${one.name}"
      ${one.type === 'email' ? email : html`type="${one.type}"`}
      autocomplete="${one.autocomplete}"
      dir="auto"
      maxlength="${one.maxLength ?? 256}"
      required
      value="${one.value ?? ''}"
      ${noted}${wrong}${code}${focus}
    />
    ${one.hint === undefined ? '' : html`<p class="hint" id="${one.name}-hint">${one.hint}</p>`}
    ${mine === undefined ? '' : html`<p class="field-problem" id="${one.name}-problem">${mine}</p>`}`
}
