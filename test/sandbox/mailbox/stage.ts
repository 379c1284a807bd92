import { startEstate } from '#src/sandbox/estate.ts'
import { startLocalUsers } from '#src/sandbox/mailbox/local-users.ts'
import { cast, setStage, startWorkspace } from '#src/sandbox/stage.ts'

const patience = { timeoutMs: 30_000 }

/** The sandbox with local users, without directories, and what Olga does in Slack. */
export async function startSandbox() {
  await using stack = new AsyncDisposableStack()
  const estate = stack.use(await startEstate({ withSlapd: false, withSamba: false }))
  const slack = stack.use(await startWorkspace())
  const local = stack.use(await startLocalUsers())
  const stage = stack.use(await setStage({ slack, estate, changes: local.settings }))
  stack.use(stage.start())
  await slack.waitUntil(() => (slack.sockets.count() >= 2 ? true : undefined), {
    what: 'the bot',
    timeoutMs: 60_000,
  })
  const owned = stack.move()
  const olga = slack.as(cast.owner)
  /** Olga's uppermost window, once it says this. */
  const says = (sentence: string) =>
    slack.waitUntil(() => olga.modals().findLast((one) => one.read().includes(sentence)), {
      what: `a window of Olga that says ${sentence}`,
      ...patience,
    })
  const list = async () => {
    await olga.command(cast.localUsersChannel, '/local-users')
    return await says('Add a local user')
  }
  return { slack, local, says, list, [Symbol.asyncDispose]: () => owned.disposeAsync() }
}
