import { UserError } from '#src/errors.ts'
import { type Markup, type Page, type Problem, renderPage } from '#src/web/layout.ts'
import type { PageDeps } from '#src/web/pages/deps.ts'
import type { WebContext } from '#src/web/server.ts'

/** The texts of a form that was sent; files, repeated fields and what holds a NUL, which PostgreSQL does not take, are left out. */
export async function readForm(context: WebContext): Promise<(name: string) => string> {
  const body = await context.req.parseBody()
  return (name) => {
    const value = body[name]
    return typeof value === 'string' && !value.includes('\0') ? value : ''
  }
}

/** An id as ours look; empty, which is nobody's, for anything else: people can put what they like into a form or a path. Pure. */
export function readId(text: string | undefined): string {
  return /^[\w-]{1,100}$/.test(text ?? '') ? (text ?? '') : ''
}

/** What is shown of a refusal that people can mend; anything else goes on. */
export function problemOf(error: unknown): Problem {
  if (!(error instanceof UserError)) throw error
  return { sentence: error.message, field: error.field }
}

/** 429 for who has to wait, 422 for what can be mended. */
export function statusOf(error: unknown): 422 | 429 {
  return error instanceof UserError && error.code === 'too_many' ? 429 : 422
}

/** Shows a page with the branding text. */
export async function show(
  context: WebContext,
  deps: Pick<PageDeps, 'branding'>,
  page: Omit<Page, 'branding'>,
  status: 200 | 410 | 422 | 429 = 200,
): Promise<Response> {
  const whole: Markup = renderPage({ ...page, branding: await deps.branding() })
  return context.html(await whole, status)
}
