import type { Store } from '#db/store.ts'
import { record } from '#src/audit/audit.ts'
import { UserError } from '#src/errors.ts'
import type { SystemRef } from '#src/iam/connector.ts'
import { failedRows, tryImport } from '#src/local-users/import.ts'
import type { OutboxMessage } from '#src/outbox/message.ts'
import type { ClaimedLine, Delivery } from '#src/outbox/relay.ts'
import { type Actor, SlackAwayError } from '#src/people/actor.ts'
import type { Rendered, SlackDelivery } from '#src/slack/delivery.ts'
import type { SlackFileRef } from '#src/slack/download.ts'
import { dryRunMessage, reasonsShown } from '#src/slack/messages/local/import.ts'
import { key, type NoticeDeps, sentence } from '#src/slack/tell-owners.ts'
import { escapeMrkdwn } from '#src/slack/text.ts'

/** What reading a file that somebody shared works with. */
export interface SharedFileDeps extends NoticeDeps {
  readonly store: Store
  readonly slack: SlackDelivery
  readonly systems: readonly SystemRef[]
  findActor(userId: string, options: { maxAgeMs: number; signal: AbortSignal }): Promise<Actor>
  fetchFile(file: SlackFileRef, signal: AbortSignal): Promise<Uint8Array>
}

const slackAwayMs = 10_000
// Says nothing about local users to whoever may know nothing of them.
const nothingToDo =
  'There is nothing that I can do with this file for you. `/disable-user` takes lists of people.'

/** Reads a file that somebody shared with the bot, and says what importing it would do. Nothing is imported yet. */
export async function deliverSharedFile(
  deps: SharedFileDeps,
  line: ClaimedLine<OutboxMessage>,
  { userId, fileId }: Extract<OutboxMessage, { kind: 'shared_file' }>,
  signal: AbortSignal,
): Promise<Delivery> {
  const tell = (message: Rendered) => deps.slack.postDirect({ line: key(line), userId, message })
  const { store, clock } = deps
  try {
    const actor = await deps.findActor(userId, { maxAgeMs: 0, signal })
    const hasLocalUsers = deps.systems.some(({ kind }) => kind === 'local')
    if (!hasLocalUsers || !actor.roles.has('local_user_admin')) {
      const facts = { tried: 'file_shared', code: 'not_allowed' }
      await store.write((ctx) => record(ctx, clock.now(), { kind: 'refused', actor: userId, facts }))
      return await tell(sentence(nothingToDo))
    }
    const found = await deps.slack.findSharedFile(fileId)
    // Deleted meanwhile: then nobody waits for an answer about it.
    if (found.kind === 'dead') return { kind: 'sent' }
    if (found.kind !== 'file') return found
    const { file } = found
    const bytes = await deps.fetchFile(file, signal)
    const batch = await tryImport(deps, actor, { name: file.name, bytes, updateDescriptions: false })
    if (batch.facts.kind !== 'import') throw new Error('a dry run that is no import')
    const failures = await failedRows(deps, actor, batch.id, { from: 0, limit: reasonsShown })
    return await tell(dryRunMessage(batch, batch.facts, failures))
  } catch (error) {
    if (error instanceof SlackAwayError)
      return { kind: 'later', until: new Date(clock.now().getTime() + (error.retryAfterMs ?? slackAwayMs)) }
    if (!(error instanceof UserError)) throw error
    // Our own files and those of guests: nobody is told anything.
    if (error.code === 'not_a_member') return { kind: 'sent' }
    // It may quote the file.
    return await tell(sentence(escapeMrkdwn(error.message)))
  }
}
