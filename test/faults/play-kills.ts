import { expect } from 'vitest'
import { cast } from '#src/sandbox/stage.ts'
import {
  checkDirectory,
  checkNothingLeft,
  checkOutput,
  checkPeopleWereTold,
  checkThreads,
} from '#test/faults/aftermath.ts'
import { isDone, progress, storm, type StormReport } from '#test/faults/kill-storm.ts'
import { createChance } from '#test/faults/seeded.ts'
import { openTheatre } from '#test/faults/theatre.ts'

/**
 * Plays a storm of kills to its end and checks all that must hold afterwards. The moments are random; a failure is
 * printed with its seed.
 */
export async function playKills(play: {
  readonly databaseUrl: string
  readonly people: number
  readonly bots: number
  readonly kills: number
}): Promise<StormReport> {
  const { databaseUrl } = play
  const chance = createChance()
  const changes = { approval: { disable_account: { approvers: 2 } } }
  await using theatre = await openTheatre({ ...play, changes })
  const startedAt = performance.now()
  try {
    const report = await storm(theatre, { ...play, chance, limitMs: 300_000 })
    await checkNothingLeft(databaseUrl)
    // The one that was started last may still be starting: before that, a signal ends it as it ends any program.
    const allRun = () => theatre.slack.sockets.count() >= 2 * play.bots
    await theatre.slack.waitUntil(allRun, { timeoutMs: 120_000, what: 'all bots' })
    expect(await theatre.endAll()).toEqual(Array.from({ length: play.bots }, () => 0))
    checkThreads(theatre)
    checkPeopleWereTold(theatre, report)
    await checkDirectory(theatre)
    checkOutput(theatre)
    return report
  } catch (error) {
    const told = theatre.output().split('\n').slice(-60).join('\n')
    const open = theatre.slack
      .messages(cast.channel)
      .filter((root) => !isDone(root))
      .map(
        (root) =>
          `${root.text} (${root.replies.length} replies: ${root.replies.map((one) => one.text).join(' | ')})`,
      )
    const facts = [
      `${progress(theatre)} messages after ${Math.round(performance.now() - startedAt)} ms`,
      ...open,
    ].join('\n')
    process.stderr.write(`\n*** A storm of kills failed: DRAWBRIDGE_TEST_SEED=${chance.seed}: ${facts}\n`)
    throw new Error(`DRAWBRIDGE_TEST_SEED=${chance.seed}: ${facts}\n${told}`, { cause: error })
  }
}
