import { request } from 'node:http'
import { onTestFinished } from 'vitest'
import type { Store } from '#db/store.ts'
import { createRunner } from '#src/jobs/runner.ts'
import { addUser } from '#src/local-users/add.ts'
import { type OutgoingMail, sendMailsJob } from '#src/local-users/send-mails.ts'
import { createMailer } from '#src/mail/mailer.ts'
import { secret } from '#src/secrets.ts'
import { type AccessSettings, createAccess } from '#src/sign-in/access-rules.ts'
import { sendAskedLinkJob } from '#src/sign-in/ask-link.ts'
import { startWeb, type WebSettings } from '#src/web/start.ts'
import { createKeptLog } from '#test/helpers/kept-log.ts'
import { localUserDeps, lou } from '#test/helpers/local-admin.ts'
import { startSmtp } from '#src/sandbox/mailbox/smtp.ts'
import { mailSettings } from '#test/helpers/mail-settings.ts'

/** What the server answered. */
export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly text: string
}

/** What a request says beyond its path. */
export interface Asking {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly form?: Readonly<Record<string, string>>
  readonly body?: string
}

/** One request, exactly as told: no header is added but `Host`, no redirect followed. */
export async function ask(port: number, path: string, asking: Asking = {}): Promise<Answer> {
  const body = asking.form === undefined ? asking.body : new URLSearchParams(asking.form).toString()
  return await new Promise((resolve, reject) => {
    const sent = request(
      {
        host: '127.0.0.1',
        port,
        path,
        method: asking.method ?? (body === undefined ? 'GET' : 'POST'),
        agent: false,
        headers: {
          ...(asking.form !== undefined && { 'content-type': 'application/x-www-form-urlencoded' }),
          ...asking.headers,
        },
      },
      (answer) => {
        const chunks: Buffer[] = []
        answer.on('data', (chunk: Buffer) => chunks.push(chunk))
        answer.on('error', reject)
        answer.on('end', () =>
          resolve({
            status: answer.statusCode ?? 0,
            headers: answer.headers,
            text: Buffer.concat(chunks).toString(),
          }),
        )
      },
    )
    sent.on('error', reject)
    sent.end(body)
  })
}

/** Follows what a browser does with cookies and forms on our own host, and no more. */
export function createVisitor(port: number, origin: string, more: Readonly<Record<string, string>> = {}) {
  const cookies = new Map<string, string>()
  const visit = async (path: string, asking: Asking = {}): Promise<Answer> => {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    const answer = await ask(port, path, {
      ...asking,
      headers: {
        host: new URL(origin).host,
        ...(cookie !== '' && { cookie }),
        ...(asking.form !== undefined && { origin }),
        ...more,
        ...asking.headers,
      },
    })
    for (const line of [answer.headers['set-cookie'] ?? []].flat()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? []
      if (value === '' || /max-age=0/i.test(line)) cookies.delete(name)
      else cookies.set(name, value)
    }
    return answer
  }
  return { visit, cookies }
}

/** The server with its store, a mail server and what is sent through it. */
export async function startWebStage(
  store: Store,
  options: { readonly web?: Partial<WebSettings>; readonly access?: AccessSettings } = {},
) {
  const log = createKeptLog()
  const smtp = await startSmtp()
  const mailer = createMailer(mailSettings(smtp.url))
  const met = new Map<string, number>()
  const onLimit = (limit: string, times = 1) => void met.set(limit, (met.get(limit) ?? 0) + times)
  const deps = { ...localUserDeps(store), onLimit }
  const web: WebSettings = {
    publicUrl: 'https://access.example',
    host: '127.0.0.1',
    port: 0,
    trustedProxies: [],
    secrets: [secret('w'.repeat(32))],
    ...options.web,
  }
  const access = createAccess(options.access ?? { resources: [], rules: [] })
  const start = () => startWeb({ web, users: deps, access, clients: [], owners: [], log })
  const server = await start()
  onTestFinished(async () => {
    await server[Symbol.asyncDispose]()
    await mailer[Symbol.asyncDispose]()
    await smtp[Symbol.asyncDispose]()
  })
  const mailing = {
    publicUrl: web.publicUrl,
    webSecret: web.secrets[0] ?? secret(''),
    send: (mail: OutgoingMail, signal: AbortSignal) => mailer.send(mail, signal),
  }
  const kinds = [sendMailsJob({ ...deps, mailing }), sendAskedLinkJob(deps)]
  const runner = createRunner({ store, clock: deps.clock, log, kinds, concurrency: 1 })
  /** The path of the link in the newest mail. */
  const mailedPath = async (): Promise<string> => {
    await runner.runAllDue()
    const text = smtp.arrived.at(-1)?.mail.text ?? ''
    return new URL(/https?:\/\/\S+/.exec(text)?.[0] ?? 'https://no.link/').pathname
  }
  const visitor = (more?: Readonly<Record<string, string>>) => createVisitor(server.port, web.publicUrl, more)
  /** Adds somebody and lets them set their password by the link in the mail. */
  const enrolled = async (email: string, password: string): Promise<string> => {
    const { id } = await addUser(deps, lou, { email, description: '' })
    const path = await mailedPath()
    const answer = await visitor().visit(path, { form: { password, again: password } })
    if (answer.status !== 303) throw new Error(`${email} did not get in: ${answer.status} ${answer.text}`)
    return id
  }
  return {
    deps,
    met,
    web,
    log,
    smtp,
    runner,
    server,
    port: server.port,
    mailedPath,
    visitor,
    enrolled,
    start,
  }
}
