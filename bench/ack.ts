import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as wait } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { Person, Slack } from '#src/sandbox/slack/index.ts'
import { cast } from '#src/sandbox/stage.ts'
import type { Figure } from './figure.ts'
import { address, manyPeople, startBenchBot, startBenchDirectories, startBenchSlack } from './house.ts'
import { percentile } from './numbers.ts'

const crowdSize = 200
const warmUps = 4
const burstRounds = 25
// What a round leaves behind (closing connections, garbage) belongs to no other round.
const restMs = 200
const steadyRounds = 3
const steadyCommands = { drawbridge: 1_200, bolt: 8_000 }
const bound = { kind: 'factor', most: 1.5 } as const

/** How long a command waits for its ack, through the whole bot and through bare Bolt. */
export const ack: Figure = {
  name: 'ack',
  about: `from a command to its ack with ${crowdSize} commands in flight, whole bot and bare Bolt, p99`,
  async run(tell) {
    const people = manyPeople('p', crowdSize)
    await using directories = await startBenchDirectories({ people, withSamba: false })
    const ours = await startBenchSlack(crowdSize)
    await using _ours = ours.slack
    const theirs = await startBenchSlack(crowdSize)
    await using _theirs = theirs.slack
    await using bot = await startBenchBot(ours.slack, directories)
    await using _bolt = await startBareBolt(theirs.slack)
    const drawbridge: Side = { slack: ours.slack, crowd: typists(ours), fillsForm: true }
    const bolt: Side = { slack: theirs.slack, crowd: typists(theirs), fillsForm: false }

    const burst = { ours: [] as number[], theirs: [] as number[] }
    for (let round = 1 - warmUps; round <= burstRounds; round += 1) {
      const [mine, other] = await inTurns(
        round,
        () => allAtOnce(drawbridge),
        () => allAtOnce(bolt),
      )
      tell(`all at once, ${round < 1 ? 'warm-up' : `round ${round}`}: ${both(mine, other)}`)
      if (round < 1) continue
      burst.ours.push(mine)
      burst.theirs.push(other)
    }
    const steady = { ours: [] as number[], theirs: [] as number[] }
    for (let round = 1; round <= steadyRounds; round += 1) {
      const [mine, other] = await inTurns(
        round,
        () => oneAfterTheOther(drawbridge, steadyCommands.drawbridge),
        () => oneAfterTheOther(bolt, steadyCommands.bolt),
      )
      tell(`without a pause, round ${round}: ${both(mine, other)}`)
      steady.ours.push(mine)
      steady.theirs.push(other)
    }
    if (bot.bot.output().includes('"level":50')) throw new Error(`the bot logged errors: ${bot.bot.output()}`)
    return [
      { what: `ack p99, ${crowdSize} commands at once`, unit: 'ms', ...burst, bound },
      { what: `ack p99, ${crowdSize} people without a pause`, unit: 'ms', ...steady },
    ]
  },
}

type Waits = () => Promise<readonly number[]>

/** The p99 of both sides; who begins changes from round to round. */
async function inTurns(round: number, ours: Waits, theirs: Waits): Promise<readonly [number, number]> {
  const measure = async (waits: Waits) => {
    await wait(restMs)
    return percentile(await waits(), 99)
  }
  if (round % 2 === 0) {
    const mine = await measure(ours)
    return [mine, await measure(theirs)]
  }
  const other = await measure(theirs)
  return [await measure(ours), other]
}

function both(mine: number, other: number): string {
  return `${mine.toFixed(1)} and ${other.toFixed(1)} ms`
}

interface Side {
  readonly slack: Slack
  readonly crowd: readonly Typist[]
  /** The command is over when its form shows the look-up; bare Bolt's is over with the ack. */
  readonly fillsForm: boolean
}

interface Typist {
  readonly person: Person
  readonly line: string
}

function typists({ slack, crowd }: { slack: Slack; crowd: readonly string[] }): readonly Typist[] {
  return crowd.map((id, index) => ({ person: slack.as(id), line: `/disable-user ${address('p', index)}` }))
}

async function type({ person, line }: Typist): Promise<number> {
  const startedAt = performance.now()
  const clicked = await person.command(cast.channel, line)
  if (clicked.kind !== 'acknowledged') throw new Error(`a command was not acknowledged: ${clicked.kind}`)
  return performance.now() - startedAt
}

/** Everybody types in the same moment; returns the waits for the acks once all that they began has ended. */
async function allAtOnce(side: Side): Promise<readonly number[]> {
  const waits = await Promise.all(side.crowd.map(type))
  if (side.fillsForm) for (const typist of side.crowd) await formFilled(typist)
  return waits
}

/** Everybody types again as soon as their command is over. */
async function oneAfterTheOther(side: Side, commands: number): Promise<readonly number[]> {
  const waits: number[] = []
  let begun = 0
  await Promise.all(
    side.crowd.map(async (typist) => {
      while (begun < commands) {
        begun += 1
        waits.push(await type(typist))
        if (side.fillsForm) await formFilled(typist)
      }
    }),
  )
  return waits
}

// Looking now and then costs the stand-in less than being told of each change, which would slow down what is measured.
async function formFilled({ person, line }: Typist): Promise<void> {
  const end = performance.now() + 60_000
  for (;;) {
    const form = person.modals().at(-1)
    if (form?.view().content['callback_id'] === 'disable_user') {
      if (!form.read().includes('unix-ldap')) throw new Error(`${line} found nobody: ${form.read()}`)
      return await form.close()
    }
    if (performance.now() > end) throw new Error(`${line} filled no form: ${form?.read() ?? 'no form'}`)
    await wait(25)
  }
}

async function startBareBolt(slack: Slack): Promise<AsyncDisposable> {
  const file = fileURLToPath(new URL('bare/bolt.ts', import.meta.url))
  const child = spawn(process.execPath, [file, slack.apiUrl, slack.botToken, slack.appToken], {
    stdio: ['ignore', 'inherit', 'inherit'],
  })
  await slack.waitUntil(() => slack.sockets.count() >= 1, { what: 'Bolt', timeoutMs: 60_000 })
  return {
    [Symbol.asyncDispose]: async () => {
      if (child.exitCode === null) child.kill()
      if (child.exitCode === null && child.signalCode === null) await once(child, 'close')
    },
  }
}
