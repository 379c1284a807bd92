import type { Caller } from '#src/sandbox/graph/endpoints/caller.ts'
import type { Incoming, Reply } from '#src/sandbox/http/message.ts'
import type { World } from '#src/sandbox/graph/world.ts'

/** A call that is authenticated and has found its endpoint. */
export interface GraphCall {
  readonly world: World
  readonly caller: Caller
  readonly request: Incoming
  /** The key in the path, decoded; empty without. */
  readonly key: string
}

/** What an endpoint does. Throws `GraphRefusal`. */
export type Handler = (call: GraphCall) => Reply
