import { z } from 'zod'
import { lookingAtSystems } from '#src/slack/messages/iam-systems.ts'
import { systemsNow } from '#src/slack/modals/iam-systems.ts'
import { defineAction } from '#src/slack/services.ts'

/** **Look again** of `/iam-systems`: for whoever has just granted a right there. */
export const lookAtSystemsAgain = defineAction({
  id: 'iam_systems_again',
  right: 'owner',
  value: z.unknown(),
  async run(_, { form, services, signal }) {
    if ((await form?.update(lookingAtSystems())) !== 'shown') return
    await form?.update(await systemsNow(services, signal))
  },
})
