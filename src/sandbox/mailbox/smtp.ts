import { once } from 'node:events'
import type { Socket } from 'node:net'
import PostalMime, { type Email } from 'postal-mime'
import { SMTPServer, type SMTPServerDataStream } from 'smtp-server'

/** A mail that arrived. */
export interface Arrived {
  readonly to: readonly string[]
  readonly isOverTls: boolean
  readonly mail: Email
}

/** A real SMTP server on this machine. */
export interface Smtp extends AsyncDisposable {
  readonly url: string
  /** All mails since the start, or as many of the last ones as it keeps. */
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

/** How the server is to be. */
export interface SmtpOptions {
  /** Only who signs in as `bot` with it may send. */
  readonly password?: string
  /** Without it the server offers none. */
  readonly tls?: SmtpTls
  /** Larger mails are refused (RFC 1870); without it none is. */
  readonly largestMailBytes?: number
  /** How many of the last mails are kept; without it all. */
  readonly keeps?: number
}

/** Starts one on a free port. */
export async function startSmtp(options: SmtpOptions = {}): Promise<Smtp> {
  const { tls, largestMailBytes, keeps = Infinity } = options
  const arrived: Arrived[] = []
  const sockets = new Set<Socket>()
  let triedToSignIn = 0
  const isOpen = options.password === undefined
  const server = new SMTPServer({
    authOptional: isOpen,
    disabledCommands: [...(isOpen ? ['AUTH'] : []), ...(tls?.begins === 'when_asked' ? [] : ['STARTTLS'])],
    secure: tls?.begins === 'at_once',
    ...(tls !== undefined && { cert: tls.certificate.certificatePem, key: tls.certificate.privateKeyPem }),
    ...(largestMailBytes !== undefined && { size: largestMailBytes }),
    allowInsecureAuth: true,
    logger: false,
    onAuth(auth, _session, callback) {
      triedToSignIn += 1
      const isBot = auth.username === 'bot' && auth.password === options.password
      callback(isBot ? null : new Error('535 no'), isBot ? { user: 'bot' } : undefined)
    },
    onRcptTo({ address }, _session, callback) {
      const no = smtp.refuse(address)
      callback(no === undefined ? null : refusal(no.code, no.text))
    },
    onData(stream, session, callback) {
      const receive = async () => {
        try {
          const bytes = await read(stream)
          if (bytes === undefined) return callback(refusal(552, 'This mail is too large'))
          const one = {
            to: session.envelope.rcptTo.map(({ address }) => address),
            isOverTls: session.secure,
            mail: await PostalMime.parse(bytes),
          }
          arrived.push(one)
          if (arrived.length > keeps) arrived.shift()
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
  server.server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.once('close', () => void sockets.delete(socket))
  })
  server.listen(0, '127.0.0.1')
  await once(server.server, 'listening')
  const address = server.server.address()
  const port = typeof address === 'object' ? address?.port : undefined
  const login = isOpen ? '' : `bot:${encodeURIComponent(options.password ?? '')}@`
  const smtp: Smtp = {
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

function refusal(responseCode: number, text: string): Error {
  return Object.assign(new Error(text), { responseCode })
}

/** The whole mail, or undefined when it is too large; of such a one no more is kept than the limit. */
async function read(stream: SMTPServerDataStream): Promise<Buffer | undefined> {
  const parts: Buffer[] = []
  for await (const part of stream)
    if (stream.sizeExceeded) parts.length = 0
    else if (Buffer.isBuffer(part)) parts.push(part)
  return stream.sizeExceeded ? undefined : Buffer.concat(parts)
}
