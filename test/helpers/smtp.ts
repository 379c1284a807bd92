import { once } from 'node:events'
import type { Socket } from 'node:net'
import { buffer } from 'node:stream/consumers'
import PostalMime, { type Email } from 'postal-mime'
import { SMTPServer } from 'smtp-server'
import { secret } from '#src/secrets.ts'

/** A mail that arrived. */
export interface Arrived {
  readonly to: readonly string[]
  readonly isOverTls: boolean
  readonly mail: Email
}

/** A real SMTP server on this machine. */
export interface TestSmtp extends AsyncDisposable {
  readonly url: string
  readonly arrived: readonly Arrived[]
  /** How many are connected. */
  readonly connected: number
  /** How often somebody showed a name and a password. */
  readonly triedToSignIn: number
  /** What the server answers to an address from now on; undefined takes it. */
  refuse: (address: string) => { readonly code: number; readonly text: string } | undefined
  /** Called when a mail has arrived, before the server says so; throwing cuts all lines instead. */
  onArrival: (mail: Arrived) => Promise<void>
}

/** How a server speaks TLS: after STARTTLS, which it offers, or from the first byte. */
export interface SmtpTls {
  readonly begins: 'when_asked' | 'at_once'
  readonly certificate: { readonly certificatePem: string; readonly privateKeyPem: string }
}

/** Starts one. `password`: only who signs in as `bot` with it may send. Without `tls` it offers none. */
export async function startSmtp(
  options: { readonly password?: string; readonly tls?: SmtpTls } = {},
): Promise<TestSmtp> {
  const { tls } = options
  const arrived: Arrived[] = []
  const sockets = new Set<Socket>()
  let triedToSignIn = 0
  const isOpen = options.password === undefined
  const server = new SMTPServer({
    authOptional: isOpen,
    disabledCommands: [...(isOpen ? ['AUTH'] : []), ...(tls?.begins === 'when_asked' ? [] : ['STARTTLS'])],
    secure: tls?.begins === 'at_once',
    ...(tls !== undefined && { cert: tls.certificate.certificatePem, key: tls.certificate.privateKeyPem }),
    allowInsecureAuth: true,
    logger: false,
    onAuth(auth, _session, callback) {
      triedToSignIn += 1
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
            isOverTls: session.secure,
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
    url: `${tls?.begins === 'at_once' ? 'smtps' : 'smtp'}://${login}127.0.0.1:${port}`,
    arrived,
    get connected() {
      return server.connections.size
    },
    get triedToSignIn() {
      return triedToSignIn
    },
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
