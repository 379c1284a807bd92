import { z } from 'zod'
import { disableOnDomain, disableOnOpenLdap, findOnDomain, findOnOpenLdap } from './directories.ts'

// What somebody would write by hand: the directories' calls and nothing around them, in a process of its own.
const Directory = z.object({
  url: z.string(),
  caFile: z.string(),
  bindDn: z.string(),
  password: z.string(),
  baseDn: z.string(),
})
const Order = z.object({
  kind: z.enum(['find', 'disable']),
  email: z.string(),
  slapd: Directory,
  samba: Directory.optional(),
})
type Order = z.infer<typeof Order>

process.on('message', (message) => {
  carryOut(Order.parse(message)).then(
    (ms) => process.send?.({ ms }),
    (error: unknown) => process.send?.({ error: String(error) }),
  )
})

async function carryOut({ kind, email, slapd, samba }: Order): Promise<number> {
  if (kind === 'find')
    return await timed(() => Promise.all([findOnOpenLdap(slapd, email), samba && findOnDomain(samba, email)]))
  const unix = await findOnOpenLdap(slapd, email)
  const domain = samba === undefined ? undefined : await findOnDomain(samba, email)
  return await timed(() =>
    Promise.all([disableOnOpenLdap(slapd, unix), samba && domain && disableOnDomain(samba, domain)]),
  )
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now()
  await work()
  return performance.now() - startedAt
}
