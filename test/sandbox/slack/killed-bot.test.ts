import { type ChildProcess, spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'
import type { Slack } from '#src/sandbox/slack/index.ts'
import { workspace } from '#test/sandbox/slack/workspace.ts'

const program = fileURLToPath(new URL('bot-process.ts', import.meta.url))

async function startBot(slack: Slack, name: string): Promise<ChildProcess> {
  const args = [program, slack.apiUrl, slack.botToken, slack.appToken, name]
  const child = spawn(process.execPath, args, { stdio: 'ignore' })
  onTestFinished(() => void child.kill('SIGKILL'))
  await slack.waitUntil(() => slack.sockets.count() === 1, { timeoutMs: 60_000, what: 'the bot to connect' })
  return child
}

test('the workspace lives on while a bot is killed and started again, and people see what that means', async () => {
  const { slack, rita, ops } = await workspace()
  const first = await startBot(slack, 'the first')
  await rita.command(ops, '/hello')
  await slack.waitUntil(() => slack.messages(ops).length === 1)

  slack.faults.whenever('chat.postMessage', { kind: 'hang' })
  await rita.command(ops, '/hello')
  await slack.waitUntil(() => slack.callsOf('chat.postMessage').length === 2)
  first.kill('SIGKILL')
  await slack.waitUntil(() => slack.sockets.count() === 0)
  slack.faults.clear()
  expect(await rita.command(ops, '/hello')).toEqual({ kind: 'trouble', error: 'dispatch_failed' })

  await startBot(slack, 'the second')
  expect(await rita.command(ops, '/hello')).toEqual({ kind: 'acknowledged' })
  await slack.waitUntil(() => slack.messages(ops).length === 2)
  expect(slack.messages(ops).map((message) => message.text)).toEqual([
    'the first says hello',
    'the second says hello',
  ])
})

test('after starting the client anew a person has no forms and no ephemeral messages', async () => {
  const { rita, ops } = await workspace()
  await rita.command(ops, '/hello')
  expect(rita.ephemerals()).toHaveLength(1)
  rita.reload()
  expect(rita.ephemerals()).toEqual([])
})
