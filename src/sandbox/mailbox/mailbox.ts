import { randomUUID } from 'node:crypto'
import { type Arrived, startSmtp } from '#src/sandbox/mailbox/smtp.ts'

/** A mail as its reader sees it. */
export interface SandboxMail {
  readonly id: string
  /** Whom it went to, which is not always what it says in itself. */
  readonly to: string
  readonly subject: string
  readonly text: string
  readonly html: string | undefined
  readonly receivedAt: Date
}

/** The mailbox of everybody in the sandbox. */
export interface Mailbox extends AsyncDisposable {
  /** For `mail.smtp_url`. */
  readonly smtpUrl: string
  /** The last 200, newest first. */
  readonly mails: () => readonly SandboxMail[]
  /** Calls the listener after each mail; answers what ends that. */
  readonly onMail: (listener: () => void) => () => void
}

const keeps = 200
const largestMailBytes = 1024 * 1024

/** Starts a mail server on 127.0.0.1 that keeps the last 200 mails in memory and sends none on; one may have up to a megabyte. */
export async function startMailbox(): Promise<Mailbox> {
  const smtp = await startSmtp({ keeps, largestMailBytes })
  const listeners = new Set<() => void>()
  let mails: readonly SandboxMail[] = []
  smtp.onArrival = async (one) => {
    mails = [mailOf(one), ...mails].slice(0, keeps)
    for (const listener of listeners) listener()
  }
  return {
    smtpUrl: smtp.url,
    mails: () => mails,
    onMail: (listener) => {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    [Symbol.asyncDispose]: () => smtp[Symbol.asyncDispose](),
  }
}

function mailOf({ to, mail }: Arrived): SandboxMail {
  return {
    id: randomUUID(),
    to: to.join(', '),
    subject: mail.subject ?? '',
    text: mail.text ?? '',
    html: mail.html,
    receivedAt: new Date(),
  }
}
