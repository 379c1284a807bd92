import { randomBytes } from 'node:crypto'
import { freePorts } from '#src/sandbox/directories/server-process.ts'
import { type Mailbox, startMailbox } from '#src/sandbox/mailbox/mailbox.ts'
import { startWiki } from '#src/sandbox/mailbox/wiki.ts'

/** What local users need on this machine. */
export interface LocalUsersPart extends AsyncDisposable {
  readonly mailbox: Mailbox
  /** Where local users sign in, once the bot runs. */
  readonly signInUrl: string
  /** A service that they reach with it. */
  readonly wikiUrl: string
  /** The sections of the configuration that this takes; `changes` of a stage. */
  readonly settings: Readonly<Record<string, unknown>>
}

/** The local group that the wiki lets in. */
export const wikiGroup = 'Wiki'

/**
 * Starts a mailbox and a wiki, and finds a port for the sign-in pages. The pages are at http://localhost, where browsers take
 * Secure cookies and passkeys without TLS; a name is needed, since passkeys belong to none that is a number.
 */
export async function startLocalUsers(): Promise<LocalUsersPart> {
  await using stack = new AsyncDisposableStack()
  const mailbox = stack.use(await startMailbox())
  const [port = 0] = await freePorts(1)
  const signInUrl = `http://localhost:${port}`
  const wiki = stack.use(await startWiki(signInUrl))
  const secret = randomBytes(32).toString('base64url')
  const owned = stack.move()
  return {
    mailbox,
    signInUrl,
    wikiUrl: wiki.url,
    settings: {
      web: { public_url: signInUrl, host: '127.0.0.1', port, secret },
      mail: { smtp_url: mailbox.smtpUrl, from: 'Drawbridge <no-reply@corp.example>' },
      openid: { clients: [wiki.clientSettings] },
      access: { rules: [{ to: ['client:wiki'], who: [`group:${wikiGroup}`] }] },
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}
