import { readFileSync } from 'node:fs'
import type { Hono } from 'hono'
import { style } from '#src/sandbox/slack/index.ts'

/** Serves the page's style and scripts: ours, and idiomorph as it was installed. */
export function serveAssets(app: Hono): void {
  const ours = (name: string) => readFileSync(new URL(`assets/${name}`, import.meta.url), 'utf8')
  const script = { 'content-type': 'text/javascript; charset=utf-8' }
  const css = [style, ...styles.map(ours)].join('\n')
  const idiomorph = readFileSync(new URL(import.meta.resolve('idiomorph')), 'utf8')
  app.get('/assets/style.css', (context) =>
    context.body(css, 200, { 'content-type': 'text/css; charset=utf-8' }),
  )
  app.get('/assets/idiomorph.js', (context) => context.body(idiomorph, 200, script))
  const icon = ours('icon.svg')
  app.get('/assets/icon.svg', (context) => context.body(icon, 200, { 'content-type': 'image/svg+xml' }))
  for (const name of scripts) {
    const words = ours(name)
    app.get(`/assets/${name}`, (context) => context.body(words, 200, script))
  }
}

// In this order: what is for narrow windows counts over the rest.
const styles = ['page.css', 'messages.css', 'writing.css', 'windows.css', 'around.css', 'narrow.css']
const scripts = ['ask.js', 'fields.js', 'lists.js', 'live.js', 'page.js', 'send.js', 'where.js', 'write.js']
