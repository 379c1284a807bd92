import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import type { Directory } from './bare/directories.ts'
import type { Directories } from './house.ts'

const Answer = z.union([z.object({ ms: z.number() }), z.object({ error: z.string() })])

/** The bare script, waiting for orders in its own process. */
export interface Script extends AsyncDisposable {
  /** Finds or disables somebody in all directories at the same time; returns how many milliseconds that took there. */
  run(kind: 'find' | 'disable', email: string): Promise<number>
}

/** Starts the bare script for these directories. */
export function startScript({ slapd, samba }: Directories): Script {
  const file = fileURLToPath(new URL('bare/script.ts', import.meta.url))
  const child: ChildProcess = fork(file, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
  const where = { slapd: reach(slapd), ...(samba === undefined ? {} : { samba: reach(samba) }) }
  return {
    run: async (kind, email) => {
      child.send({ kind, email, ...where })
      const [message] = await once(child, 'message')
      const answer = Answer.parse(message)
      if ('error' in answer) throw new Error(`the bare script failed: ${answer.error}`)
      return answer.ms
    },
    [Symbol.asyncDispose]: async () => {
      child.kill()
      if (child.exitCode === null && child.signalCode === null) await once(child, 'close')
    },
  }
}

function reach(server: Directories['slapd'] | NonNullable<Directories['samba']>): Directory {
  const { ldapsUrl: url, caFile, baseDn, service } = server
  return { url, caFile, baseDn, bindDn: service.dn, password: service.password }
}
