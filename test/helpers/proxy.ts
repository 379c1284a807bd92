import { readFile } from 'node:fs/promises'
import { startServerProcess } from '#src/sandbox/directories/server-process.ts'

/** Starts a reverse proxy on an address that was held for it; both end together. */
export async function startProxyProcess(
  held: AsyncDisposable & { readonly address: string },
  port: number,
  caFile: string,
  command: { readonly program: string; readonly args: readonly string[] },
) {
  const server = await startServerProcess({ ...command, ready: { host: held.address, ports: [port] } })
  return {
    address: held.address,
    caFile,
    ca: await readFile(caFile, 'utf8'),
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]()
      await held[Symbol.asyncDispose]()
    },
  }
}
