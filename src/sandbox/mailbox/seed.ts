import type { Mailbox } from '#src/sandbox/mailbox/mailbox.ts'
import { enrolledPeople, leaver, localPassword, localPeople, peopleCsv } from '#src/sandbox/mailbox/people.ts'
import type { Slack } from '#src/sandbox/slack/index.ts'
import { cast } from '#src/sandbox/stage.ts'

interface SeedDeps {
  readonly slack: Slack
  readonly mailbox: Mailbox
  /** How long to wait for each thing. */
  readonly timeoutMs?: number
}

/**
 * Brings the local users as people would: Olga imports a file, some follow their mailed link and set a password, Rita has one
 * disabled and Ana approves. Throws when the bot does not do its part in time.
 */
export async function seedLocalUsers({ slack, mailbox, timeoutMs = 30_000 }: SeedDeps): Promise<void> {
  const waits = { timeoutMs }
  await importPeople(slack, waits)
  for (const address of enrolledPeople) await enroll(await linkFor(mailbox, address, timeoutMs))
  await disableLeaver(slack, waits)
  // Nothing of this lies open on anybody's screen.
  for (const userId of [cast.owner, cast.responder, cast.approver]) slack.as(userId).reload()
}

async function importPeople(slack: Slack, waits: { readonly timeoutMs: number }): Promise<void> {
  const olga = slack.as(cast.owner)
  await olga.command(cast.localUsersChannel, '/local-users')
  await (await shows(slack, cast.owner, 'There are no local users yet', waits)).press('Import CSV')
  const form = await shows(slack, cast.owner, 'Nothing is imported before', waits)
  await form.attach('file', [{ name: 'people.csv', content: peopleCsv }])
  await form.submit()
  await (await shows(slack, cast.owner, `*${localPeople.length}* new`, waits)).submit()
}

async function disableLeaver(slack: Slack, waits: { readonly timeoutMs: number }): Promise<void> {
  const rita = slack.as(cast.responder)
  await rita.command(cast.channel, `/disable-user ${leaver} Never came; the link should not lie about`)
  await (await shows(slack, cast.responder, 'found in', waits)).submit()
  const asked = await task(slack, 'Pending approval', waits)
  const ana = slack.as(cast.approver)
  await ana.press(asked, 'Approve')
  await (await ana.modal('approve_task', waits)).submit()
  await task(slack, 'Successful', waits)
}

function task(slack: Slack, status: string, waits: { readonly timeoutMs: number }) {
  const find = () => slack.messages(cast.channel).find(({ text }) => text.includes(`: ${status}.`))
  return slack.waitUntil(find, { what: `a task that is ${status}`, ...waits })
}

/** The window that stands on top, once it says this. */
function shows(slack: Slack, userId: string, sentence: string, waits: { readonly timeoutMs: number }) {
  const find = () => {
    const top = slack.as(userId).modals().at(-1)
    return top?.read().includes(sentence) === true ? top : undefined
  }
  return slack.waitUntil(find, { what: `a window of ${userId} that says ${sentence}`, ...waits })
}

/** The link in the newest mail to an address, once there is one. */
function linkFor(mailbox: Mailbox, address: string, timeoutMs: number): Promise<string> {
  const find = () => /https?:\/\/\S+/.exec(mailbox.mails().find(({ to }) => to === address)?.text ?? '')?.[0]
  return new Promise((resolve, reject) => {
    const look = () => {
      const link = find()
      if (link === undefined) return
      clearTimeout(late)
      stop()
      resolve(link)
    }
    const stop = mailbox.onMail(look)
    const late = setTimeout(() => {
      stop()
      reject(new Error(`no mail came for ${address}`))
    }, timeoutMs)
    look()
  })
}

/** What the browser of somebody does who types a password twice. */
async function enroll(link: string): Promise<void> {
  const answer = await fetch(link, {
    method: 'POST',
    redirect: 'manual',
    headers: { origin: new URL(link).origin },
    body: new URLSearchParams({ password: localPassword, again: localPassword }),
    signal: AbortSignal.timeout(10_000),
  })
  if (answer.status !== 303)
    throw new Error(`the link was not taken: ${answer.status} ${await answer.text()}`)
}
