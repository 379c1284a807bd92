import type { Album } from '#src/sandbox/album.ts'
import { type Estate, signIns } from '#src/sandbox/estate.ts'
import type { Slack, SlackMessage } from '#src/sandbox/slack/index.ts'
import { cast } from '#src/sandbox/stage.ts'

/** Where the scene is told. */
export interface Narrator {
  tell(line: string): void
}

const patience = { timeoutMs: 60_000 }

/**
 * Plays the scene: Rita asks to disable Alice, Ana approves, Omar follows the thread, Alice can no longer sign in; then
 * Rita has her enabled again from the task's menu. Throws when anything does not go as told.
 */
export async function playScript(stage: {
  slack: Slack
  estate: Estate
  narrator: Narrator
  album: Album
}): Promise<void> {
  const { slack, narrator, album } = stage
  const systems = (await signIns(stage.estate)).length
  const signIn = async (wanted: boolean) => {
    for (const [system, works] of await signIns(stage.estate)) {
      narrator.tell(`  ${system}: Alice's password ${works ? 'signs her in' : 'no longer signs her in'}`)
      if (works !== wanted) throw new Error(`${system} did not do what its thread says`)
    }
  }
  narrator.tell('Before:')
  await signIn(true)

  const rita = slack.as(cast.responder)
  narrator.tell('\nrita types: /disable-user alice@corp.example Token theft, case 4711')
  await rita.command(cast.channel, '/disable-user alice@corp.example Token theft, case 4711')
  const form = await rita.modal('disable_user', patience)
  narrator.tell(indent(form.read()))
  await album.add('form', { readerId: cast.responder })
  narrator.tell('\nrita presses Create')
  await form.submit()

  const asked = await rootSaying(slack, 'Pending approval')
  await album.add('pending', { readerId: cast.approver, channelId: cast.channel })
  const ana = slack.as(cast.approver)
  narrator.tell('ana presses Approve, notes "seen the sign-ins, go" and sends it')
  await ana.press(asked, 'Approve')
  const decision = await ana.modal('approve_task', patience)
  await decision.fill('note', 'seen the sign-ins, go')
  await album.add('approve', { readerId: cast.approver })
  await decision.submit()
  const done = await rootSaying(slack, 'Successful', 1)
  await replied(slack, 2 + systems)
  await album.add('thread', { readerId: cast.onCall, channelId: cast.channel, threadTs: done.ts })

  narrator.tell('\nWhat omar, on call, now reads in #security:\n')
  narrator.tell(indent(slack.as(cast.onCall).read(cast.channel)))
  narrator.tell('\nAfter the Disable:')
  await signIn(false)

  narrator.tell('\nrita chooses Enable User Account in the menu of the task')
  await rita.press(done, 'task_menu', { option: 'Enable User Account' })
  const enable = await rita.modal('enable_user', patience)
  await enable.fill('safe', ['verified'])
  narrator.tell(indent(enable.read()))
  await album.add('enable', { readerId: cast.responder })
  await enable.submit()
  const waiting = await rootSaying(slack, 'Pending approval', 1)
  narrator.tell('\nana approves that, too')
  await ana.press(waiting, 'Approve')
  await (await ana.modal('approve_task', patience)).submit()
  await rootSaying(slack, 'Successful', 2)
  await settled(slack, systems)
  await album.add('channel', { readerId: cast.onCall, channelId: cast.channel })

  narrator.tell('\n#security at the end:\n')
  narrator.tell(indent(slack.as(cast.onCall).read(cast.channel)))
  narrator.tell('\nAfter the Enable:')
  await signIn(true)
}

function rootSaying(slack: Slack, status: string, count = 1): Promise<SlackMessage> {
  return slack.waitUntil(
    () => {
      const roots = slack.messages(cast.channel).filter((each) => each.text.includes(`: ${status}.`))
      return roots.length >= count ? roots.at(-1) : undefined
    },
    { what: `a task that is ${status}`, ...patience },
  )
}

/** Until everything about the first task was said in its thread. */
function replied(slack: Slack, replies: number): Promise<true> {
  return slack.waitUntil(
    () => (slack.messages(cast.channel)[0]?.replies.length === replies ? true : undefined),
    { what: 'the replies of the first task', ...patience },
  )
}

/** Until the last reply is there and the first task no longer offers what was done. */
async function settled(slack: Slack, systems: number): Promise<void> {
  await slack.waitUntil(
    () => {
      const [disable, enable] = slack.messages(cast.channel)
      const offered = slack.renderThread(cast.channel).includes('⋯ Enable User Account')
      return !offered && enable?.replies.length === 2 + systems && disable?.replies.length === 4 + systems
        ? true
        : undefined
    },
    { what: 'the last words in both threads', ...patience },
  )
}

function indent(text: string): string {
  return text
    .split('\n')
    .map((line) => `  ${line}`)
    .join('\n')
}
