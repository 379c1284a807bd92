import type { Actor, SlackPeople } from '#src/people/actor.ts'
import type { Access } from '#src/sign-in/access-rules.ts'
import { definitionsFor } from '#src/slack/define.ts'
import type { SlackFileRef } from '#src/slack/download.ts'
import type { FactorDeps } from '#src/sign-in/factors.ts'
import type { TaskDeps } from '#src/tasks/deps.ts'

/** What Slack's listeners may use. */
export interface Services {
  readonly tasks: TaskDeps
  readonly people: SlackPeople
  readonly access: Access
  /** Where local users sign in; undefined where the configuration has no `web`. */
  readonly signInUrl: string | undefined
  /** Second factors of local users; undefined without sign-in pages. */
  readonly factors: FactorDeps | undefined
  /** Fetches a file that somebody put into a form. Throws `UserError` (field `file`) for what waiting does not mend. */
  fetchFile(file: SlackFileRef, signal: AbortSignal): Promise<Uint8Array>
  /** Looks somebody up in Slack with their roles; the same function that every click goes through. */
  findActor(userId: string, options: { maxAgeMs: number; signal: AbortSignal }): Promise<Actor>
}

export const {
  defineCommand,
  defineEvent,
  defineFormCommand,
  defineShortcut,
  defineModal,
  defineAction,
  defineFormAction,
} = definitionsFor<Services>()
