import { expect, it } from 'vitest'
import { openStore } from '#db/store.ts'
import { addUser } from '#src/local-users/add.ts'
import { askForLink } from '#src/sign-in/ask-link.ts'
import { lou } from '#test/helpers/local-admin.ts'
import { describeOnBothEngines } from '#test/helpers/store.ts'
import { startWebStage } from '#test/helpers/web.ts'

const minuteMs = 60_000
const right = 'violet tractor under ice'
const ann = 'ann@corp.example'
const stageHere = async () => await startWebStage(await openStore('sqlite::memory:'))

it('nobody shortens the link of somebody who is not enrolled yet by asking for one', async () => {
  const { deps, mailedPath, visitor, smtp } = await stageHere()
  await addUser(deps, lou, { email: ann, description: '' })
  const link = await mailedPath()
  deps.clock.move(10 * minuteMs)
  await visitor().visit('/forgot', { form: { email: ann } })
  expect(await mailedPath()).toBe(link)
  expect(smtp.arrived.at(-1)?.mail.text).toContain('The link works once and for 23 hours.')
  deps.clock.move(23 * 60 * minuteMs)
  expect((await visitor().visit(link)).status).toBe(200)
})

it('who keeps asking for somebody else sends them about one mail an hour, and leaves them a link that works at any time', async () => {
  const { deps, enrolled, mailedPath, visitor, smtp } = await stageHere()
  await enrolled(ann, right)
  const before = smtp.arrived.length
  for (let minute = 0; minute < 24 * 60; minute += 1) {
    await askForLink(deps, { email: ann, source: `192.0.2.${minute}` })
    const link = await mailedPath()
    deps.clock.move(minuteMs - 1)
    expect((await visitor().visit(link)).status, `minute ${minute}`).toBe(200)
    deps.clock.move(1)
  }
  // Three, then after 5, 10, 20 and 40 minutes, then one an hour.
  expect(smtp.arrived.length - before).toBe(3 + 4 + 22)
})

describeOnBothEngines('Links for one address', (open, databases) => {
  it('are not asked for from very many sources of one IPv6 network, while others are served', async () => {
    const { deps, met } = await startWebStage(await open())
    const ask = async (source: string) =>
      await askForLink(deps, { email: `${source.replaceAll(':', '-')}@corp.example`, source }).then(
        () => 'asked',
        () => 'refused',
      )
    const said = new Set<string>()
    for (let n = 0; n < 200; n += 1) said.add(await ask(`2001:db8:7:${n.toString(16)}::1`))
    expect([...said]).toEqual(['asked'])
    expect(await ask('2001:db8:7:fff::1')).toBe('refused')
    expect([await ask('2001:db8:8::1'), await ask('192.0.2.1')]).toEqual(['asked', 'asked'])
    // What is no address is asked for as often as people mistype.
    for (let n = 0; n < 6; n += 1) await askForLink(deps, { email: 'no address', source: '192.0.2.2' })
    expect([...met]).toEqual([['link_by_network', 1]])
  })

  it('are few also when many ask at once, on two replicas', async () => {
    const url = await databases.newUrl()
    const { deps, enrolled, smtp, runner } = await startWebStage(await databases.openUrl(url))
    await enrolled(ann, right)
    const before = smtp.arrived.length
    const there = { ...deps, store: await databases.openUrl(url) }
    await Promise.all(
      Array.from({ length: 12 }, (_none, n) =>
        askForLink(n % 2 === 0 ? deps : there, { email: ann, source: `192.0.2.${n}` }),
      ),
    )
    await runner.runAllDue()
    expect(smtp.arrived.length - before).toBe(3)
  })
})
