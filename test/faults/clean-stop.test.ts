import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import type { BotProcess } from '#src/sandbox/bot.ts'
import {
  checkDirectory,
  checkNothingLeft,
  checkOutput,
  checkPeopleWereTold,
  checkThreads,
} from '#test/faults/aftermath.ts'
import { storm } from '#test/faults/kill-storm.ts'
import { connected, rootsAbout } from '#test/faults/people.ts'
import { createChance } from '#test/faults/seeded.ts'
import { openTheatre, type Theatre } from '#test/faults/theatre.ts'
import { describeWithDirectory } from '#test/helpers/directories.ts'

const describeSlapd = await describeWithDirectory('slapd')
const patience = { timeout: 360_000 }

/** Asks it to stop, and answers how it ended; Kubernetes would kill it after half a minute. It takes 10 to 13 s itself. */
async function stop(bot: BotProcess): Promise<number | 'still runs'> {
  const late = new Promise<'still runs'>((resolve) => {
    AbortSignal.timeout(25_000).addEventListener('abort', () => resolve('still runs'))
  })
  return await Promise.race([bot[Symbol.asyncDispose]().then(() => bot.ended), late])
}

async function withTheatre(people: number, work: (theatre: Theatre, databaseUrl: string) => Promise<void>) {
  const folder = await mkdtemp(join(tmpdir(), 'drawbridge-stop-'))
  const databaseUrl = `sqlite:${join(folder, 'drawbridge.db')}`
  try {
    const changes = { approval: { disable_account: { approvers: 2 } } }
    await using theatre = await openTheatre({ people, bots: 1, databaseUrl, changes })
    await work(theatre, databaseUrl)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

describeSlapd('a bot that is asked to stop', () => {
  it('ends cleanly in the middle of its work, and loses and doubles nothing', patience, async () => {
    await withTheatre(10, async (theatre, databaseUrl) => {
      const chance = createChance()
      const codes: (number | 'still runs')[] = []
      const end = async (bot: BotProcess) => void codes.push(await stop(bot))
      const report = await storm(theatre, { chance, kills: 5, limitMs: 200_000, end })
      await checkNothingLeft(databaseUrl)
      codes.push(...(await theatre.endAll()))
      const seed = `DRAWBRIDGE_TEST_SEED=${chance.seed}`
      expect(
        codes.filter((code) => code !== 0),
        `${seed}\n${theatre.output()}`,
      ).toEqual([])
      checkThreads(theatre)
      checkPeopleWereTold(theatre, report)
      await checkDirectory(theatre)
      checkOutput(theatre)
    })
  })

  it.each(['a directory', 'Slack'])('does not wait for %s that never answers', patience, async (who) => {
    await withTheatre(1, async (theatre) => {
      const { slack } = theatre
      const bot = theatre.start(0)
      await connected(slack)
      const rita = slack.as('U0RITA')
      await rita.command('C0SECURITY', '/disable-user u00@corp.example')
      const form = await rita.modal('disable_user', { timeoutMs: 60_000 })
      const hang = slack.faults.whenever(who === 'Slack' ? 'chat.postMessage' : 'chat.delete', {
        kind: 'hang',
      })
      await form.submit()
      if (who === 'Slack') await slack.waitUntil(() => hang.hits() > 0, { timeoutMs: 60_000 })
      else {
        await slack.waitUntil(() => rootsAbout(slack, 'u00').length > 0, { timeoutMs: 60_000 })
        theatre.proxy.hold()
        const asked = theatre.proxy.afterPieces(1)
        await rita.command('C0SECURITY', '/disable-user u00@corp.example')
        await asked
      }
      expect(await stop(bot)).toBe(0)
    })
  })
})
