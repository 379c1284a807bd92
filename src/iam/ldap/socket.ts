import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { type Socket, connect as connectPlain, isIP } from 'node:net'
import { type ConnectionOptions, TLSSocket, connect as connectTls, getCACertificates } from 'node:tls'
import { ConnectorError } from '#src/errors.ts'
import { late } from '#src/iam/ldap/failures.ts'
import type { LdapAddress, LdapServers } from '#src/iam/ldap/settings.ts'
import { askForTls } from '#src/iam/ldap/start-tls.ts'
import { connectFailure } from '#src/iam/ldap/tls-failures.ts'

/** The certificate that a server showed. */
export interface CertificateFacts {
  readonly subject: string
  readonly issuer: string
  readonly expiresAt: Date
}

/**
 * Opens a socket to one server, with TLS agreed on (from the first byte or by StartTLS) and the certificate checked
 * against name and authority. A socket without TLS is possible on loopback only; the settings see to that. The signal
 * ends it at any point; nothing stays open after a failure. Throws `ConnectorError`.
 */
export async function openSocket(
  servers: LdapServers,
  address: LdapAddress,
  signal: AbortSignal,
): Promise<Socket> {
  const trust = await trusted(servers.caFile)
  const socket = connectPlain({ host: address.host, port: address.port, noDelay: true })
  let current = socket
  const giveUp = (): void => void current.destroy()
  signal.addEventListener('abort', giveUp, { once: true })
  try {
    await opened(socket, 'connect', signal)
    if (!address.secure && !servers.startTls) return socket
    if (!address.secure) await askForTls(socket, signal)
    const secured = connectTls({ ...tlsOptions(address.host, trust), socket })
    current = secured
    await opened(secured, 'secureConnect', signal)
    return secured
  } catch (error) {
    // A destroyed socket may still report an error; nobody is left to hear it.
    for (const each of [socket, current]) each.on('error', () => {}).destroy()
    throw signal.aborted ? late('bind', false) : connectFailure(error, address.host)
  } finally {
    signal.removeEventListener('abort', giveUp)
  }
}

async function opened(
  socket: Socket,
  event: 'connect' | 'secureConnect',
  signal: AbortSignal,
): Promise<void> {
  const closed = new AbortController()
  const onClose = (): void => closed.abort()
  socket.once('close', onClose)
  try {
    await once(socket, event, { signal: AbortSignal.any([signal, closed.signal]) })
  } finally {
    socket.off('close', onClose)
  }
}

function tlsOptions(host: string, ca: string[]): ConnectionOptions {
  // An address can't be a server name (RFC 6066); it is checked against the certificate's addresses through `host`.
  return { host, ca, minVersion: 'TLSv1.2', ...(isIP(host) === 0 ? { servername: host } : {}) }
}

async function trusted(caFile: string | undefined): Promise<string[]> {
  if (caFile === undefined) return [...getCACertificates('default'), ...getCACertificates('system')]
  try {
    return [await readFile(caFile, 'utf8')]
  } catch (error) {
    const facts = { detail: 'ca_file_unreadable', where: caFile }
    throw new ConnectorError('misconfigured', `Can't read ${caFile}`, facts, error)
  }
}

/** What the server's certificate says; undefined without TLS. */
export function certificateOf(socket: Socket): CertificateFacts | undefined {
  if (!(socket instanceof TLSSocket)) return undefined
  const { subject, issuer, valid_to: until } = socket.getPeerCertificate()
  if (until === undefined) return undefined
  return { subject: commonName(subject), issuer: commonName(issuer), expiresAt: new Date(until) }
}

function commonName(name: { readonly CN?: string | string[] | undefined } | undefined): string {
  return [name?.CN ?? ''].flat().join(', ')
}
