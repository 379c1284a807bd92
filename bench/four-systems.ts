import { startEntra } from '#src/sandbox/graph/start.ts'
import { startOkta } from '#src/sandbox/okta/start.ts'
import { approved, openReadOnly } from './approved.ts'
import type { Figure } from './figure.ts'
import { address, manyPeople, startBenchBot, startBenchDirectories, startBenchSlack } from './house.ts'
import { percentile } from './numbers.ts'

const warmUps = 3
const rounds = 3
const perRound = 20
const latencyMs = 20
const bound = { kind: 'factor', most: 1.3 } as const

/** Whether four systems take longer than the slowest of them: they are changed at the same time. */
export const fourSystems: Figure = {
  name: 'four-systems',
  about: 'from the decision to the last read-back, one person in four systems and in the slowest alone, p95',
  async run(tell) {
    const count = warmUps + rounds * perRound
    const everywhere = manyPeople('all', count)
    const alone = ['entra', 'okta', 'ad', 'unix'].map((name) => ({ name, people: manyPeople(name, count) }))
    const [entraOnly = [], oktaOnly = [], adOnly = [], unixOnly = []] = alone.map(({ people }) => people)
    await using entra = await startEntra({ settings: { latencyMs } })
    await using okta = await startOkta({ settings: { latencyMs, rateScale: 1_000 } })
    for (const { emails, displayName } of [...everywhere, ...entraOnly])
      entra.addPerson({ userPrincipalName: emails[0] ?? '', displayName })
    for (const { emails, displayName } of [...everywhere, ...oktaOnly])
      okta.addPerson({ login: emails[0] ?? '', profile: { displayName } })
    await using directories = await startBenchDirectories({
      people: [...everywhere, ...unixOnly],
      domainPeople: [...everywhere, ...adOnly],
      withSamba: true,
    })
    const { slapd, samba } = directories
    const { slack } = await startBenchSlack(0)
    await using _slack = slack
    await using running = await startBenchBot(slack, { entra, okta, slapd, samba })
    using database = openReadOnly(running.databaseFile)
    const names = alone.map(({ name }) => name).filter((name) => name !== 'ad' || samba !== undefined)
    const p95 = { ours: [] as number[], theirs: [] as number[] }
    const one = async (index: number) => ({
      all: await approved(slack, database, address('all', index), names.length),
      alone: await inTurn(names, (name) => approved(slack, database, address(name, index), 1)),
    })
    for (let index = 0; index < warmUps; index += 1) await one(index)
    for (let round = 0; round < rounds; round += 1) {
      const samples: Awaited<ReturnType<typeof one>>[] = []
      for (let index = 0; index < perRound; index += 1)
        samples.push(await one(warmUps + round * perRound + index))
      const each = names.map((name, at) => ({
        name,
        ms: percentile(
          samples.map((sample) => sample.alone[at] ?? 0),
          95,
        ),
      }))
      p95.ours.push(
        percentile(
          samples.map((sample) => sample.all),
          95,
        ),
      )
      p95.theirs.push(Math.max(...each.map(({ ms }) => ms)))
      tell(
        `round ${round + 1}: all ${p95.ours.at(-1)?.toFixed(0)} ms; ${each.map(({ name, ms }) => `${name} ${ms.toFixed(0)}`).join(', ')}`,
      )
    }
    return [
      {
        what: `decision to last read-back p95, ${names.length} systems / slowest alone`,
        unit: 'ms',
        ...p95,
        bound,
      },
    ]
  },
}

async function inTurn<T, R>(all: readonly T[], work: (one: T) => Promise<R>): Promise<readonly R[]> {
  const answers: R[] = []
  for (const one of all) answers.push(await work(one))
  return answers
}
