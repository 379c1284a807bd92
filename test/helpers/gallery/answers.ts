import { confirmation, runningSentence, userStatus } from '#src/slack/messages/answers.ts'
import type { RenderedMessage } from '#src/slack/messages/task.ts'
import { actions } from '#src/tasks/task.ts'
import { account, ran, task } from '#test/helpers/gallery/facts.ts'

const url = 'https://sandbox.slack.com/archives/C0/p1'
const found = {
  accounts: [
    account('corp-ad', 'active-directory', String.raw`CORP\anguyen`, { privileged: ['Domain Admins'] }),
    account('unix-ldap', 'openldap', 'uid=anguyen', { state: 'disabled' as const }),
  ],
  unasked: [{ systemId: 'partner-ad', systemKind: 'active-directory' as const, code: 'timed_out' }],
  asked: ['corp-ad', 'unix-ldap'],
}
const history = [
  { task: ran({ status: 'successful' }), url },
  { task: task({ status: 'rejected', id: 'T-9Q2XM' }), url },
]
const status = {
  found,
  typed: 'alice@corp.example',
  lookUpId: 'L1',
  tasks: history,
  offers: new Set(actions),
}

/** What only the person who asked sees. */
export const answers: Readonly<Record<string, RenderedMessage>> = {
  created: confirmation(task(), url),
  runs: confirmation(ran({ status: 'in_progress' }), url),
  running: { text: runningSentence(task(), url), blocks: [] },
  userStatus: userStatus(status),
  userStatusNobody: userStatus({
    ...status,
    found: { accounts: [], unasked: [], asked: ['corp-ad', 'unix-ldap'] },
    tasks: [],
    offers: new Set(),
  }),
}
