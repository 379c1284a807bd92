/* oxlint-disable unicorn/require-post-message-target-origin -- this is chat.postMessage, not window.postMessage */
import { App } from '@slack/bolt'

// A small bot as a process of its own, for tests that kill it: `bot-process.ts API_URL BOT_TOKEN APP_TOKEN NAME`.
const [slackApiUrl = '', token = '', appToken = '', name = ''] = process.argv.slice(2)
const app = new App({ token, appToken, socketMode: true, clientOptions: { slackApiUrl } })
app.command('/hello', async ({ ack, client, body }) => {
  await ack()
  await client.chat.postMessage({ channel: body.channel_id, text: `${name} says hello` })
})
await app.start()
