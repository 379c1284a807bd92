import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { argv } from 'node:process'
import { inspect } from 'node:util'
import { WebClient } from '@slack/web-api'
import { checkView } from '#src/sandbox/slack/blocks/view.ts'
import { startSlack } from '#src/sandbox/slack/index.ts'
import type { RenderedMessage } from '#src/slack/messages/task.ts'
import { accessForms } from '#test/helpers/gallery/access.ts'
import { answers } from '#test/helpers/gallery/answers.ts'
import { awkwardCards, statusCards } from '#test/helpers/gallery/cards.ts'
import { now, people } from '#test/helpers/gallery/facts.ts'
import { forms } from '#test/helpers/gallery/forms.ts'
import { homes } from '#test/helpers/gallery/homes.ts'
import { localForms, localMessages } from '#test/helpers/gallery/local.ts'
import { peopleForms, peopleMessages } from '#test/helpers/gallery/many.ts'
import { failureReplies, otherReplies, resultReplies } from '#test/helpers/gallery/replies.ts'

/** Messages by page. Names say what is shown. */
type Album = Readonly<Record<string, readonly (readonly [name: string, message: RenderedMessage])[]>>

/** All that people can read from Drawbridge. */
export const album: Album = {
  statuses: Object.entries(statusCards),
  fallbacks: Object.entries(statusCards).map(([name, message]) => [
    name,
    { ...message, blocks: message.fallback ?? message.blocks },
  ]),
  awkward: Object.entries(awkwardCards),
  failures: failureReplies,
  results: resultReplies,
  replies: otherReplies,
  answers: Object.entries(answers),
  'several people': peopleMessages,
  'local users': localMessages,
}

/** Posts everything in a local Slack, which refuses what Slack refuses, and writes what it shows as HTML pages. */
export async function writeGallery(folder: string, shown = album): Promise<readonly string[]> {
  await using slack = await startSlack({
    now: () => now.getTime(),
    limits: { rateScale: Infinity },
    users: [
      { id: people.rita, name: 'rita', realName: 'Rita Responder' },
      { id: people.ana, name: 'ana', realName: 'Ana Approver' },
      { id: people.omar, name: 'omar', realName: 'Omar On-Call' },
    ],
    groups: [{ id: people.approvers, handle: 'identity-approvers', users: [people.ana] }],
  })
  const web = new WebClient(slack.botToken, { slackApiUrl: slack.apiUrl, retryConfig: { retries: 0 } })
  await mkdir(folder, { recursive: true })
  const written: string[] = []
  const keep = async (name: string, page: string) => {
    await writeFile(join(folder, `${name}.html`), page)
    written.push(name)
  }
  for (const [page, messages] of Object.entries(shown)) {
    const channel = slack.addChannel({ name: page })
    for (const [name, { text, blocks }] of messages)
      await web.apiCall('chat.postMessage', { channel: channel.id, text, blocks }).catch((error: unknown) => {
        throw new Error(`${page}/${name} was refused: ${String(error)}`)
      })
    await keep(page, slack.renderPage({ readerId: people.omar, channelId: channel.id }))
  }
  for (const [name, view] of Object.entries({ ...forms, ...peopleForms, ...localForms, ...accessForms })) {
    checked(`form ${name}`, { ...view }, 'modal')
    await keep(`form-${name}`, slack.renderModalPage({ ...view }))
  }
  for (const [name, view] of Object.entries(homes)) {
    checked(`home ${name}`, { ...view }, 'home')
    await keep(`home-${name}`, slack.renderModalPage({ ...view }))
  }
  return written
}

function checked(name: string, view: Readonly<Record<string, unknown>>, kind: 'modal' | 'home'): void {
  try {
    checkView(view, kind)
  } catch (error) {
    throw new Error(`${name} was refused: ${inspect(error, { depth: 5 })}`, { cause: error })
  }
}

if (import.meta.main) {
  const written = await writeGallery(argv[2] ?? 'gallery')
  process.stdout.write(`${written.length} pages\n`)
}
