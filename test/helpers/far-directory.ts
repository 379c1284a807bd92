import type { Slapd } from '#src/sandbox/directories/slapd.ts'
import { systemFor } from '#test/helpers/directory-people.ts'
import { type Fault, startFaultProxy } from '#test/helpers/fault-proxy.ts'

/** A directory behind a proxy, as a system that can be away. */
export interface FarDirectory extends AsyncDisposable {
  /** An entry of `iam_systems`. */
  readonly system: object
  /** Nobody can sign in any more, and what was open is cut. */
  away(): void
  /** All is well again; what hangs is cut. */
  back(): void
  fail(fault: Fault): void
}

/** Starts a proxy in front of the server and names it as a system. */
export async function startFarDirectory(slapd: Slapd, id = 'far-ldap'): Promise<FarDirectory> {
  const proxy = await startFaultProxy({ host: '127.0.0.1', port: slapd.port })
  const set = (fault: Fault | undefined) => {
    proxy.fail(fault)
    proxy.cutAll()
  }
  return {
    system: systemFor(slapd, id, { url: `ldap://127.0.0.1:${proxy.port}`, ca_file: undefined }),
    away: () => set({ kind: 'cut_before', at: 'bind' }),
    back: () => set(undefined),
    fail: set,
    [Symbol.asyncDispose]: () => proxy[Symbol.asyncDispose](),
  }
}
