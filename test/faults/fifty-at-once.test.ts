import { expect, it } from 'vitest'
import { startSlapd } from '#src/sandbox/directories/slapd.ts'
import { replies, unsentLines } from '#test/faults/quiet.ts'
import { type Bot, startBot } from '#test/helpers/bot.ts'
import { describeWithDirectory } from '#test/helpers/directories.ts'
import { addPerson, systemFor } from '#test/helpers/directory-people.ts'

const describeSlapd = await describeWithDirectory('slapd')
const patience = { timeout: 480_000 }
const wholeThread = [/please decide/u, /^<@U0ANA> approved/u, /^✔ \*unix-ldap\* disabled/u]
const tasks = 50

/** Lets time pass until everything was told. */
async function tellAll(bot: Bot): Promise<void> {
  for (let seconds = 0; (await unsentLines(bot)).length > 0; seconds += 1) {
    if (seconds > 1_000) throw new Error('waited in vain for an empty outbox')
    await bot.pass(1_100)
  }
}

describeSlapd('fifty tasks at the same time', () => {
  it('tell everybody all of it once, in order, at the pace that Slack asks for', patience, async () => {
    await using slapd = await startSlapd({ saysLocked: true })
    await using bot = await startBot({
      systems: [systemFor(slapd)],
      changes: { enforcement: { drift_checks: [] } },
      withRates: true,
    })
    for (let asked = 0; asked < tasks; asked += 1) {
      const pat = await addPerson(slapd)
      const form = await bot.form(bot.rita, `/disable-user ${pat.mail} all at once`)
      expect((await form.submit()).kind).toBe('cleared')
    }
    // What people ask for meanwhile does not wait behind fifty messages.
    expect((await unsentLines(bot)).length).toBeGreaterThan(tasks / 2)
    expect((await bot.form(bot.rob, '/disable-user nobody@corp.example')).read()).toContain('nobody')
    await tellAll(bot)
    expect(bot.taskIds()).toHaveLength(tasks)
    for (const id of bot.taskIds()) await bot.decide(bot.ana, id, 'Approve')
    await tellAll(bot)
    for (const id of bot.taskIds()) await bot.status(id, 'Successful')
    await tellAll(bot)
    const whole = wholeThread.map((words) => expect.stringMatching(words))
    for (const id of bot.taskIds()) expect(replies(bot, id)).toEqual(whole)
    const posts = bot.slack.callsOf('chat.postMessage')
    const taken = posts.filter(({ status }) => status === 200)
    expect(taken).toHaveLength(tasks * (1 + wholeThread.length))
    expect(posts.length - taken.length).toBeLessThan(tasks)
    expect(bot.slack.callsOf('chat.update').length).toBeLessThan(tasks * 2)
  })
})
