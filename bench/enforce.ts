import { approved, openReadOnly } from './approved.ts'
import type { Figure } from './figure.ts'
import { address, manyPeople, startBenchBot, startBenchDirectories, startBenchSlack } from './house.ts'
import { percentile } from './numbers.ts'
import { startScript } from './script.ts'

const warmUps = 10
const rounds = 4
const perRound = 20
const bound = { kind: 'extra', most: 150 } as const

/** How long a decision takes to be true in the directories, through the whole bot and by the same calls alone. */
export const enforce: Figure = {
  name: 'enforce',
  about:
    'from the deciding submission to the last account read back as disabled, whole bot and bare script, p95',
  async run(tell) {
    const count = warmUps + rounds * perRound
    const people = [...manyPeople('bot', count), ...manyPeople('script', count)]
    await using directories = await startBenchDirectories({ people, withSamba: true })
    const { slack } = await startBenchSlack(0)
    await using _slack = slack
    await using running = await startBenchBot(slack, directories)
    await using script = startScript(directories)
    using database = openReadOnly(running.databaseFile)
    const systems = directories.samba === undefined ? 1 : 2
    const one = async (index: number) => ({
      ours: await approved(slack, database, address('bot', index), systems),
      theirs: await script.run('disable', address('script', index)),
    })

    for (let index = 0; index < warmUps; index += 1) await one(index)
    const p95 = { ours: [] as number[], theirs: [] as number[] }
    for (let round = 0; round < rounds; round += 1) {
      const samples = []
      for (let index = 0; index < perRound; index += 1)
        samples.push(await one(warmUps + round * perRound + index))
      const mine = samples.map((sample) => sample.ours)
      const other = samples.map((sample) => sample.theirs)
      p95.ours.push(percentile(mine, 95))
      p95.theirs.push(percentile(other, 95))
      const said = [mine, other].map(
        (all) => `p50 ${percentile(all, 50).toFixed(0)} p95 ${percentile(all, 95).toFixed(0)}`,
      )
      tell(`round ${round + 1}: ${said.join(' and ')} ms`)
    }
    const where = systems === 2 ? 'slapd and Samba' : 'slapd only'
    return [{ what: `decision to read-back p95, ${where}`, unit: 'ms', ...p95, bound }]
  },
}
