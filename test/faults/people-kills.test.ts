import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client } from 'ldapts'
import { expect, it } from 'vitest'
import type { BotProcess } from '#src/sandbox/bot.ts'
import { readAsAdmin } from '#src/sandbox/directories/client.ts'
import { slapdTree } from '#src/sandbox/directories/slapd-config.ts'
import { personDn } from '#src/sandbox/directories/slapd-data.ts'
import { cast } from '#src/sandbox/stage.ts'
import { checkNothingLeft } from '#test/faults/aftermath.ts'
import { connected } from '#test/faults/people.ts'
import { bystander, openTheatre, type Theatre } from '#test/faults/theatre.ts'
import { describeWithDirectory } from '#test/helpers/directories.ts'

const describeSlapd = await describeWithDirectory('slapd')
const patience = { timeout: 480_000 }
const people = 120
const waitMs = { timeoutMs: 120_000 }

/** Kills the bot in the instant in which it has sent so many pieces more to the directory, and starts it again. */
async function killAfter(theatre: Theatre, bot: BotProcess, pieces: number): Promise<BotProcess> {
  await theatre.proxy.afterPieces(pieces)
  await bot.kill()
  return theatre.start(0)
}

/** Those whose account has exactly one lock. */
async function locked({ slapd, logins }: Theatre): Promise<readonly string[]> {
  const read = await Promise.all(
    [...logins, bystander].map(async (login) => ({
      login,
      lock: (await readAsAdmin(slapd.admin, personDn(login), ['pwdAccountLockedTime']))[
        'pwdAccountLockedTime'
      ],
    })),
  )
  return read.filter(({ lock }) => lock?.length === 1).map(({ login }) => login)
}

/** How many have a lock, in one question: the bot goes on while we ask. */
async function countLocked({ slapd }: Theatre): Promise<number> {
  const client = new Client({ url: slapd.ldapUrl })
  await client.bind(slapd.admin.dn, slapd.admin.password)
  const found = await client.search(slapdTree.people, {
    filter: '(pwdAccountLockedTime=*)',
    attributes: ['uid'],
  })
  await client.unbind()
  return found.searchEntries.length
}

describeSlapd('a bot that is killed while it works on a list of people', () => {
  it(
    'goes on where it was: looks up everybody, changes everybody once, tells everything once',
    patience,
    async () => {
      const folder = await mkdtemp(join(tmpdir(), 'drawbridge-people-'))
      const databaseUrl = `sqlite:${join(folder, 'drawbridge.db')}`
      try {
        const changes = { approval: { disable_account: { approvers: 0 } } }
        await using theatre = await openTheatre({ people, bots: 1, databaseUrl, changes })
        const { slack, logins } = theatre
        let bot = theatre.start(0)
        await connected(slack)
        const rita = slack.as('U0RITA')
        await rita.command(cast.channel, '/disable-user')
        await (await rita.modal('disable_user', waitMs)).press('Several people')
        const form = await rita.modal('disable_people', waitMs)
        await form.fill('people', logins.map((login) => `${login}@corp.example`).join('\n'))
        const lookedUp = killAfter(theatre, bot, 25)
        await form.submit()
        bot = await lookedUp
        const found = await rita.modal('disable_people_found', waitMs)
        expect(found.read()).toContain(`${people} people`)

        await connected(slack)
        // Once while everybody is looked at again, three times among the changes.
        const kill = killAfter(theatre, bot, 30)
        await found.submit()
        bot = await kill
        const done: number[] = []
        for (const enough of [5, 30, 60]) {
          const count = () => countLocked(theatre)
          await expect.poll(count, { timeout: 120_000, interval: 10 }).toBeGreaterThanOrEqual(enough)
          await bot.kill()
          done.push((await locked(theatre)).length)
          bot = theatre.start(0)
        }
        expect(Math.max(...done)).toBeLessThan(people)
        const root = () => slack.messages(cast.channel).at(-1)
        await slack.waitUntil(() => root()?.text.includes(': Successful.'), { ...waitMs, what: 'the end' })
        await slack.waitUntil(() => root()?.replies.some((one) => one.files.length > 0), waitMs)
        await checkNothingLeft(databaseUrl)
        await theatre.endAll()

        expect(await locked(theatre)).toEqual(theatre.logins)
        expect(slack.messages(cast.channel)).toHaveLength(1)
        const shown = slack.callsOf('chat.update').map(({ args }) => JSON.stringify(args['blocks']))
        expect(shown.filter((blocks) => /▓░+ \d+ %/u.test(blocks))).not.toEqual([])
        const replies = root()?.replies ?? []
        expect(replies.map((one) => one.text.split(/[;:]/u)[0])).toEqual([
          'Everybody was looked at again',
          '✅ Successful. Account disabled',
          '',
        ])
        const csv = replies.at(-1)?.files[0]?.bytes.toString() ?? ''
        expect(csv.split('\r\n').filter((line) => line.includes(',successful,'))).toHaveLength(people)
        expect(csv).not.toContain('already')
      } finally {
        await rm(folder, { recursive: true, force: true })
      }
    },
  )
})
