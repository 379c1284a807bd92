import { expect } from 'vitest'
import { unfinishedJobs } from '#db/queries/jobs.ts'
import { outboxBacklog } from '#db/queries/outbox.ts'
import { openStore } from '#db/store.ts'
import { canBind, readAsAdmin } from '#src/sandbox/directories/client.ts'
import { personDn } from '#src/sandbox/directories/slapd-data.ts'
import type { Slack } from '#src/sandbox/slack/index.ts'
import { sandboxPassword } from '#src/sandbox/estate.ts'
import { cast } from '#src/sandbox/stage.ts'
import { taskIdIn } from '#src/tasks/task-id.ts'
import type { StormReport } from '#test/faults/kill-storm.ts'
import { rootsAbout } from '#test/faults/people.ts'
import { approvers, bystander, responders, type Theatre } from '#test/faults/theatre.ts'

const request = /please decide/u
const firstDecision = /^<@(U0[A-Z]+)> approved\. One approval is still missing\.$/u
const lastDecision = /^<@(U0[A-Z]+)> approved\.$/u
const finalReply = /^✔ \*unix-ldap\* disabled `(?:uid=)?u\d\d` in .* and the lock is enforced/u

/** Everybody has exactly one task, its message says how it ended, and its thread tells all of it once and in order. */
export function checkThreads(theatre: Theatre): void {
  const threads = theatre.logins.map((login) => {
    const roots = rootsAbout(theatre.slack, login)
    const [root] = roots
    const replies = root?.replies.map((reply) => reply.text) ?? []
    const deciders = [firstDecision, lastDecision].map(
      (words, index) => words.exec(replies[index + 1] ?? '')?.[1],
    )
    return {
      login,
      roots: roots.length,
      status: /: (\w[\w ]*)\. Requested/u.exec(root?.text ?? '')?.[1],
      replies: replies.length,
      asked: request.test(replies[0] ?? ''),
      deciders: new Set(deciders.filter((one) => approvers.some((id) => id === one))).size,
      told: finalReply.test(replies[3] ?? '') ? 'the result' : replies,
    }
  })
  const wanted = { roots: 1, status: 'Successful', replies: 4, asked: true, deciders: 2, told: 'the result' }
  expect(threads).toEqual(theatre.logins.map((login) => ({ login, ...wanted })))
  expect(theatre.slack.messages(cast.channel)).toHaveLength(theatre.logins.length)
}

/** Who asked has the confirmation at least once; whose decision was noted stands in the thread or was told why not. */
export function checkPeopleWereTold(theatre: Theatre, report: StormReport): void {
  const { slack, logins } = theatre
  const heard = (id: string) =>
    [...slack.as(id).ephemerals(), ...slack.as(id).directMessages()].map((message) => message.text).join('\n')
  const asked = responders.map(heard).join('\n')
  const idOf = (login: string) => taskIdIn(rootsAbout(slack, login)[0]?.text ?? '') ?? 'no task'
  expect(logins.filter((login) => !asked.includes(`Task ${idOf(login)} was created`))).toEqual([])
  const untold = report.noted.filter((one) => {
    const [id = '', login = ''] = one.split(' ')
    const counted = rootsAbout(slack, login)[0]?.replies.some((reply) => reply.text.startsWith(`<@${id}>`))
    const sentence = `${idOf(login)} was already approved`
    return (
      counted !== true && !heard(id).includes(sentence) && !shownIn(slack, report.forms.get(one), sentence)
    )
  })
  expect(untold.map((one) => ({ one, calls: callsAbout(slack, one, report) }))).toEqual([])
}

/** What Slack was asked to show to somebody after a decision, for the message of a failure. */
function callsAbout(slack: Slack, one: string, report: StormReport): readonly string[] {
  const [userId = ''] = one.split(' ')
  const forms = report.forms.get(one) ?? []
  return slack.calls
    .filter(({ args }) => forms.some((id) => id === args['view_id']) || args['user'] === userId)
    .filter(({ method }) => method === 'views.update' || method === 'chat.postEphemeral')
    .map(({ method, args, result, status }) =>
      [
        method,
        args['view_id'],
        args['text'] ?? JSON.stringify(args['view']).slice(-400),
        status,
        (JSON.stringify(result) ?? 'unanswered').slice(0, 80),
      ].join(' '),
    )
}

function shownIn(slack: Slack, forms: readonly string[] | undefined, sentence: string): boolean {
  return slack.callsOf('views.update').some(({ args, result }) => {
    const isTheirs = forms?.some((id) => id === args['view_id']) === true
    return isTheirs && result?.['ok'] === true && JSON.stringify(args['view']).includes(sentence)
  })
}

/** Every account is locked, and the lock bites; nobody else's is. */
export async function checkDirectory(theatre: Theatre): Promise<void> {
  const { admin } = theatre.slapd
  const states = await Promise.all(
    [...theatre.logins, bystander].map(async (login) => {
      const read = await readAsAdmin(admin, personDn(login), ['pwdAccountLockedTime'])
      return {
        login,
        locked: read['pwdAccountLockedTime']?.length === 1,
        signsIn: await canBind(admin, personDn(login), sandboxPassword),
      }
    }),
  )
  const wanted = theatre.logins.map((login) => ({ login, locked: true, signsIn: false }))
  expect(states).toEqual([...wanted, { login: bystander, locked: false, signsIn: true }])
}

/** Waits until no decision and no message waits any more. No message was given up. */
export async function checkNothingLeft(databaseUrl: string): Promise<void> {
  const store = await openStore(databaseUrl)
  try {
    const left = () =>
      store.read(async (ctx) => ({
        decisions: (await unfinishedJobs(ctx, 'decide')).length,
        ...(await outboxBacklog(ctx)),
      }))
    await expect
      .poll(left, { timeout: 120_000, interval: 200 })
      .toEqual({ decisions: 0, unsent: 0, oldestAt: null, dead: 0 })
  } finally {
    await store.close()
  }
}

/** No process died of its own accord or let an error fall through. */
export function checkOutput(theatre: Theatre): void {
  const bad = theatre
    .output()
    .split('\n')
    .filter((line) => /unhandled|uncaught|Something went wrong|could not be settled|given up/iu.test(line))
  expect(bad).toEqual([])
}
