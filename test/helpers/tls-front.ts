import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { request, type RequestListener } from 'node:http'
import { createServer } from 'node:https'
import { createAuthority } from '#src/sandbox/directories/certificates.ts'

/** A server on TLS, whose certificate is for `names` and this machine. Disposing closes it. */
export async function startTlsFront(folder: string, names: readonly string[], listener: RequestListener) {
  const authority = await createAuthority(folder)
  const { certificateFile, keyFile } = await authority.issue('good', { names, addresses: ['127.0.0.1'] })
  const tls = { cert: await readFile(certificateFile), key: await readFile(keyFile) }
  const server = createServer(tls, listener).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    caFile: authority.caFile,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await once(server.close(), 'close')
    },
  }
}

/** Hands requests on to a port of this machine, as asked for under `host`. */
export function handOn(port: () => number, host: string): RequestListener {
  return (asked, answer) => {
    const headers = { ...asked.headers, host }
    const on = request({ host: '127.0.0.1', port: port(), path: asked.url, method: asked.method, headers })
    on.on('response', (found) => {
      answer.writeHead(found.statusCode ?? 500, found.headers)
      found.pipe(answer)
    })
    on.on('error', () => answer.destroy())
    asked.pipe(on)
  }
}
