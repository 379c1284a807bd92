import { once } from 'node:events'
import type { Socket } from 'node:net'
import { buffer } from 'node:stream/consumers'
import PostalMime, { type Email } from 'postal-mime'
import { SMTPServer } from 'smtp-server'
import { secret } from '#src/secrets.ts'

/** A mail that arrived. */
export interface Arrived {
  readonly to: readonly string[]
  readonly mail: Email
}

/** A real SMTP server on this machine. */
export interface TestSmtp extends AsyncDisposable {
  readonly url: string
  readonly arrived: readonly Arrived[]
  /** What the server answers to an address from now on; undefined takes it. */
  refuse: (address: string) => { readonly code: number; readonly text: string } | undefined
  /** Called when a mail has arrived, before the server says so; throwing cuts all lines instead. */
  onArrival: (mail: Arrived) => Promise<void>
}

/** Starts one. `password`: only who signs in as `bot` with it may send. */
export async function startSmtp(options: { readonly password?: string } = {}): Promise<TestSmtp> {
  const arrived: Arrived[] = []
  const sockets = new Set<Socket>()
  const isOpen = options.password === undefined
  const server = new SMTPServer({
    authOptional: isOpen,
    disabledCommands: isOpen ? ['AUTH', 'STARTTLS'] : ['STARTTLS'],
    allowInsecureAuth: true,
    logger: false,
    onAuth(auth, _session, callback) {
      const isBot = auth.username === 'bot' && auth.password === options.password
      callback(isBot ? null : new Error('535 no'), isBot ? { user: 'bot' } : undefined)
    },
    onRcptTo({ address }, _session, callback) {
      const no = smtp.refuse(address)
      callback(no === undefined ? null : Object.assign(new Error(no.text), { responseCode: no.code }))
    },
    onData(stream, session, callback) {
      const receive = async () => {
        try {
          const one = {
            to: session.envelope.rcptTo.map(({ address }) => address),
            mail: await PostalMime.parse(await buffer(stream)),
          }
          arrived.push(one)
          await smtp.onArrival(one)
          callback(null)
        } catch {
          for (const socket of sockets) socket.destroy()
        }
      }
      void receive()
    },
  })
  server.on('error', () => {})
  server.server.on('connection', (socket: Socket) => void sockets.add(socket))
  server.listen(0, '127.0.0.1')
  await once(server.server, 'listening')
  const address = server.server.address()
  const port = typeof address === 'object' ? address?.port : undefined
  const login = isOpen ? '' : `bot:${encodeURIComponent(options.password ?? '')}@`
  const smtp: TestSmtp = {
    url: `smtp://${login}127.0.0.1:${port}`,
    arrived,
    refuse: () => undefined,
    onArrival: async () => {},
    async [Symbol.asyncDispose]() {
      await new Promise<void>((resolve) => server.close(resolve))
    },
  }
  return smtp
}

/** The `mail` section for a server. */
export const mailSettings = (url: string) => ({
  smtpUrl: secret(url),
  from: 'Drawbridge <no-reply@corp.example>',
})
