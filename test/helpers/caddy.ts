import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createAuthority } from '#src/sandbox/directories/certificates.ts'
import { holdLoopbackAddress } from '#src/sandbox/directories/loopback-address.ts'
import { startProxyProcess } from '#test/helpers/proxy.ts'
import { own, port, shop, wiki } from '#test/helpers/protected-hosts.ts'

/** Caddy with the block of docs/access.md for both hosts, and one for our own. */
export async function startCaddy(folder: string, ports: { readonly web: number; readonly app: number }) {
  const held = await holdLoopbackAddress([port])
  const authority = await createAuthority(folder)
  const names = [own, wiki, shop].map((host) => host.replace(/:.*/, ''))
  const certificate = await authority.issue('good', { names, addresses: [] })
  const page = await readFile('docs/access.md', 'utf8')
  const block = /```caddy\n([\s\S]*?)```/.exec(page)?.[1] ?? ''
  const listen = `bind ${held.address}\n\ttls ${certificate.certificateFile} ${certificate.keyFile}`
  const blockOf = (host: string) =>
    block
      .replace('wiki.example.net {', `https://${host} {\n\t${listen}`)
      .replaceAll('127.0.0.1:8080', `127.0.0.1:${ports.web}`)
      .replace('127.0.0.1:3000', `127.0.0.1:${ports.app}`)
  const file = join(folder, 'Caddyfile')
  const options = `{
	admin off
	auto_https off
	storage file_system ${folder}/caddy
}`
  const ownBlock = `https://${own} {\n\t${listen}\n\treverse_proxy 127.0.0.1:${ports.web}\n}`
  await writeFile(file, [options, ownBlock, blockOf(wiki), blockOf(shop)].join('\n'))
  return await startProxyProcess(held, port, authority.caFile, {
    program: 'caddy',
    args: ['run', '--adapter', 'caddyfile', '--config', file],
  })
}
