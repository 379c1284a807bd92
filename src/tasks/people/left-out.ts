import { z } from 'zod'

/** Why somebody on a list is not changed; the sentence is made from it in `slack/messages`. */
export const LeftOut = z.discriminatedUnion('kind', [
  /** Nobody's name looks like that, or the line of the file could not be read. */
  z.object({ kind: z.literal('unreadable') }),
  /** The same name, or the same accounts, as an earlier line. */
  z.object({ kind: z.literal('same_as'), line: z.number() }),
  /** An earlier line has one of the accounts, but not all of them. */
  z.object({ kind: z.literal('shares_account'), line: z.number() }),
  z.object({ kind: z.literal('unknown') }),
  z.object({ kind: z.literal('ambiguous'), hits: z.number() }),
  z.object({ kind: z.literal('protected'), login: z.string(), systemId: z.string(), why: z.string() }),
  /** Enable: no Disable task of Drawbridge changed the accounts. */
  z.object({ kind: z.literal('not_disabled_here') }),
  /** Enable: the accounts are enabled. */
  z.object({ kind: z.literal('enabled_already') }),
  /** Enable: nobody asks for their own accounts. */
  z.object({ kind: z.literal('about_you') }),
  /** A task that waits or runs does the same on all accounts. */
  z.object({ kind: z.literal('covered'), taskId: z.string() }),
  /** No system could be asked, and Enable restores only what is known. */
  z.object({ kind: z.literal('not_asked') }),
])
export type LeftOut = z.infer<typeof LeftOut>
