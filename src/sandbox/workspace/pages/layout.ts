import { type Html, html } from '#src/sandbox/slack/index.ts'

/** A whole page; `body` is what is kept up to date. */
export function documentHtml(title: string, body: Html): string {
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>${title}</title>
        <link rel="icon" href="/assets/icon.svg" />
        <link rel="stylesheet" href="/assets/style.css" />
        <script type="module" src="/assets/page.js"></script>
      </head>
      <body>
        <noscript><p class="notice shown">This page is a chat window: it needs JavaScript.</p></noscript>
        ${body}
        <div class="notice" role="alert" id="notice"></div>
        <div class="unseen" role="status" id="spoken"></div>
      </body>
    </html>`.html
}
