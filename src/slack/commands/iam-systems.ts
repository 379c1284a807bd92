import { lookingAtSystems } from '#src/slack/messages/iam-systems.ts'
import { systemsNow } from '#src/slack/modals/iam-systems.ts'
import { defineFormCommand } from '#src/slack/services.ts'

/** `/iam-systems`: whether each IAM system can be reached, what is missing there and who grants it. Changes nothing. */
export const iamSystems = defineFormCommand({
  name: '/iam-systems',
  description: 'See whether every IAM system can be reached, and which rights are missing',
  usageHint: '',
  help: [
    '*/iam-systems*',
    'Signs in to every IAM system and looks at each right that Drawbridge needs, without changing anything: what is missing and who grants it, how long the answer took, the clock, when certificates and passwords end. *Linked approvers* in the same window shows who can decide with one-time codes. For owners.',
  ].join('\n'),
  right: 'owner',
  loadingView: lookingAtSystems,
  async run(_, ctx) {
    await ctx.view.update(await systemsNow(ctx.services, ctx.signal))
  },
})
