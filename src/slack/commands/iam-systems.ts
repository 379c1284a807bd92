import { examineSystems } from '#src/iam/doctor.ts'
import { lookingAtSystems, systemsView } from '#src/slack/messages/iam-systems.ts'
import { defineFormCommand } from '#src/slack/services.ts'

/** Within the time that a listener has; a system that takes longer is shown as away. */
const limitMs = 40_000

/** `/iam-systems`: whether each IAM system can be reached, what is missing there and who grants it. Changes nothing. */
export const iamSystems = defineFormCommand({
  name: '/iam-systems',
  description: 'See whether every IAM system can be reached, and which rights are missing',
  usageHint: '',
  help: [
    '*/iam-systems*',
    'Signs in to every IAM system and looks at each right that Drawbridge needs, without changing anything: what is missing and who grants it, how long the answer took, the clock, when certificates and passwords end. For owners.',
  ].join('\n'),
  right: 'owner',
  loadingView: lookingAtSystems,
  async run(_, ctx) {
    const { connectors, clock, log } = ctx.services.tasks
    const healths = await examineSystems(connectors, { clock, log, limitMs }, ctx.signal)
    await ctx.view.update(systemsView(healths, clock.now()))
  },
})
