import { once } from 'node:events'
import type { Socket } from 'node:net'
import { ConnectorError } from '#src/errors.ts'
import { malformed } from '#src/iam/ldap/failures.ts'
import { messageLength } from '#src/iam/ldap/frames.ts'

const oid = Buffer.from('1.3.6.1.4.1.1466.20037')
// LDAPMessage { messageID 1, ExtendedRequest [APPLICATION 23] { requestName [0] } }, RFC 4511 section 4.14.
const request = Buffer.concat([Buffer.from([0x30, 29, 0x02, 1, 1, 0x77, 24, 0x80, oid.length]), oid])
const extendedResponse = 0x78
const enumerated = 0x0a

/**
 * Asks a server on a plain socket to go over to TLS, and returns once it agreed: the next bytes are the handshake.
 * Done by hand, before the library sees the socket, because the library keeps a socket whose StartTLS failed and
 * would send the password over it in clear. Throws `misconfigured` when the server won't.
 */
export async function askForTls(socket: Socket, signal: AbortSignal): Promise<void> {
  socket.write(request)
  const answer = await readMessage(socket, signal)
  const code = answeredCode(answer)
  if (code === 0) return
  if (code === 51 || code === 52)
    throw new ConnectorError('unavailable', 'StartTLS: busy', { detail: 'busy' })
  throw new ConnectorError('misconfigured', `StartTLS was refused with ${code}`, {
    detail: 'start_tls_refused',
    vendorCode: String(code),
  })
}

/** Exactly one message. More bytes before the handshake would be somebody else's words inside our session. */
async function readMessage(socket: Socket, signal: AbortSignal): Promise<Buffer> {
  let received = Buffer.alloc(0)
  for (;;) {
    const [chunk] = await once(socket, 'readable', { signal }).then(() => [socket.read()])
    if (chunk === null)
      throw new ConnectorError('unavailable', 'Closed at StartTLS', { detail: 'connection_lost' })
    if (!Buffer.isBuffer(chunk)) throw malformed('bind')
    received = Buffer.concat([received, chunk])
    const length = messageLength(received)
    if (length === 'wrong') throw malformed('bind')
    if (length === 'more') continue
    const total = length + headLength(received)
    if (received.length === total) return received
    if (received.length > total) throw malformed('bind')
  }
}

function headLength(message: Buffer): number {
  const first = message[1] ?? 0
  return first < 0x80 ? 2 : 2 + (first - 0x80)
}

/** The result code of an ExtendedResponse: after the message's head and its one-byte id. */
function answeredCode(message: Buffer): number {
  const body = message.subarray(headLength(message))
  const response = body.subarray(2 + (body[1] ?? 0))
  if (response[0] !== extendedResponse) throw malformed('bind')
  const result = response.subarray(headLength(response))
  const code = result[2]
  if (result[0] !== enumerated || result[1] !== 1 || code === undefined) throw malformed('bind')
  return code
}
