import { App, LogLevel } from '@slack/bolt'
import { WebClient, type WebClientOptions } from '@slack/web-api'
import { onTestFinished } from 'vitest'
import { type Slack, type SlackOptions, startSlack } from '#src/sandbox/slack/index.ts'

/** A workspace with Rita and Ana in #ops; ends with the test. */
export async function workspace(options: SlackOptions = {}) {
  const slack = await startSlack(options)
  onTestFinished(() => slack[Symbol.asyncDispose]())
  const rita = slack.addUser({ name: 'rita', realName: 'Rita Ramos' })
  const ana = slack.addUser({ name: 'ana' })
  const ops = slack.addChannel({ name: 'ops' })
  return { slack, rita: slack.as(rita.id), ana: slack.as(ana.id), ops: ops.id }
}

/** Slack's own client, which does not try again by itself. */
export function client(
  slack: Slack,
  options: WebClientOptions & { readonly token?: string } = {},
): WebClient {
  return new WebClient(options.token ?? slack.botToken, {
    slackApiUrl: slack.apiUrl,
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
    logLevel: LogLevel.ERROR,
    ...options,
  })
}

const silent = {
  debug: () => {},
  info: () => {},
  warn: () => {},
  error: () => {},
  setLevel: () => {},
  getLevel: () => LogLevel.ERROR,
  setName: () => {},
}

/** A real Bolt app in Socket Mode, connected. Ends with the test. */
export async function bolt(slack: Slack, listen: (app: App) => void = () => {}): Promise<App> {
  const app = new App({
    token: slack.botToken,
    appToken: slack.appToken,
    socketMode: true,
    logger: silent,
    clientOptions: { slackApiUrl: slack.apiUrl },
  })
  listen(app)
  const before = slack.sockets.open()
  await app.start()
  await slack.waitUntil(() => slack.sockets.open().some((id) => !before.includes(id)))
  onTestFinished(async () => void (await app.stop()))
  return app
}

/** What Slack answered to a call that it refused: its `error` and what else it said. */
export async function refusal(call: Promise<unknown>): Promise<Record<string, unknown>> {
  try {
    await call
  } catch (error) {
    if (error instanceof Error && 'data' in error) return { ...Object(error.data) }
    throw error
  }
  throw new Error('Slack did not refuse')
}

/** A `plain_text` object. */
export const plain = (text: string) => ({ type: 'plain_text' as const, text })
