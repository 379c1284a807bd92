import { App, LogLevel } from '@slack/bolt'

// What Bolt costs by itself: its own Socket Mode receiver and a handler that only acknowledges.
const [slackApiUrl = '', token = '', appToken = ''] = process.argv.slice(2)
const app = new App({
  token,
  appToken,
  socketMode: true,
  logLevel: LogLevel.WARN,
  clientOptions: { slackApiUrl },
})
app.command('/disable-user', async ({ ack }) => ack())
await app.start()
