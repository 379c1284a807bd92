import { cast } from '#src/sandbox/stage.ts'
import type { Slack } from '#src/sandbox/slack/index.ts'
import type { Figure } from './figure.ts'
import { address, manyPeople, startBenchBot, startBenchDirectories, startBenchSlack } from './house.ts'
import { percentile } from './numbers.ts'
import { startScript } from './script.ts'

const count = 40
const rounds = 5

/** How long `/user-status` takes until its answer stands there, beside the searches alone. */
export const lookUp: Figure = {
  name: 'look-up',
  about: 'from /user-status to its answer, whole bot and the bare searches, median of each round',
  async run(tell) {
    await using directories = await startBenchDirectories({ people: manyPeople('p', count), withSamba: true })
    const { slack } = await startBenchSlack(0)
    await using _slack = slack
    await using _bot = await startBenchBot(slack, directories)
    await using script = startScript(directories)
    const medians = { ours: [] as number[], theirs: [] as number[] }
    // The first round warms up.
    for (let round = 0; round <= rounds; round += 1) {
      const mine: number[] = []
      const other: number[] = []
      for (let index = 0; index < count; index += 1) {
        mine.push(await asked(slack, address('p', index)))
        other.push(await script.run('find', address('p', index)))
      }
      const [ours, theirs] = [percentile(mine, 50), percentile(other, 50)]
      tell(`round ${round}: ${ours.toFixed(0)} and ${theirs.toFixed(0)} ms`)
      if (round === 0) continue
      medians.ours.push(ours)
      medians.theirs.push(theirs)
    }
    const where = directories.samba === undefined ? 'slapd only' : 'slapd and Samba'
    return [{ what: `/user-status to its answer p50, ${where}`, unit: 'ms', ...medians }]
  },
}

/** Asks for the status of one person and waits for the answer; how many milliseconds that took. */
export async function asked(slack: Slack, email: string): Promise<number> {
  const rita = slack.as(cast.responder)
  const before = rita.ephemerals(cast.channel).length
  const startedAt = performance.now()
  await rita.command(cast.channel, `/user-status ${email}`)
  const answer = await slack.waitUntil(() => rita.ephemerals(cast.channel)[before], {
    what: `the status of ${email}`,
    timeoutMs: 30_000,
  })
  const tookMs = performance.now() - startedAt
  if (!answer.text.includes('unix-ldap')) throw new Error(`nobody was found: ${answer.text}`)
  return tookMs
}
