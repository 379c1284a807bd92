import { expect, it } from 'vitest'
import { changeLocalSettings } from '#src/local-users/settings.ts'
import { lou } from '#test/helpers/local-admin.ts'
import { describeOnBothEngines } from '#test/helpers/store.ts'
import { startWebStage } from '#test/helpers/web.ts'

const right = 'violet tractor under ice'
const ann = 'ann@corp.example'

describeOnBothEngines('What is no id of ours', (open) => {
  it('is refused with a sentence wherever a page takes one, and nothing fails', async () => {
    const { deps, enrolled, visitor, log, runner } = await startWebStage(await open())
    await enrolled(ann, right)
    const form = { email: ann, password: right }
    const [me, half] = [visitor(), visitor()]
    await me.visit('/sign-in', { form })
    await changeLocalSettings(deps, lou, { mfaRequired: true })
    await half.visit('/sign-in', { form })
    for (const bad of ['\0', 'x\0', '\u{1F510}', "' OR 1=1 --", 'x'.repeat(3_000)]) {
      const path = encodeURIComponent(bad)
      for (const [where, fields] of [
        [`/access/factor/${path}/name`, { name: bad }],
        [`/access/factor/${path}/remove`, {}],
        ['/access/sessions/end', { id: bad }],
        ['/access/services/end', { id: bad }],
        ['/access/app', { set_up: bad, code: '123456', name: bad }],
        ['/access/app', { set_up: 'x', code: bad }],
        ['/access/passkey', { challenge: bad, answer: '{}', name: bad }],
        ['/access/passkey', { challenge: 'x', answer: JSON.stringify({ id: bad, rawId: bad }) }],
        ['/access/password', { current: bad, password: `violet ${bad} tractor`, again: bad }],
        ['/sign-in/step', { kind: bad, code: bad }],
        ['/sign-in/step', { kind: 'recovery_code', code: bad }],
        ['/sign-in/step/passkey', { challenge: bad, answer: bad }],
        ['/sign-in', { email: `a${bad}@corp.example`, password: bad, return_to: bad }],
        ['/forgot', { email: `a${bad}@corp.example` }],
        [`/enroll/${path}`, { password: bad, again: bad }],
        [`/link-slack/${path}`, {}],
      ] as const)
        for (const who of [me, half, visitor()])
          expect((await who.visit(where, { form: fields })).status, `${where} ${path}`).toBeLessThan(500)
      for (const where of [`/access/factor/${path}`, `/link-slack/${path}`, `/enroll/${path}`])
        for (const who of [me, half, visitor()])
          expect((await who.visit(where)).status, where).toBeLessThan(500)
    }
    await runner.runAllDue()
    expect(log.lines.filter(({ level }) => level === 'error')).toEqual([])
    expect((await me.visit('/access')).text).toContain(ann)
  })
})
