import { examineSystems } from '#src/iam/doctor.ts'
import type { ModalView } from '#src/slack/context.ts'
import { systemsView } from '#src/slack/messages/iam-systems.ts'
import type { Services } from '#src/slack/services.ts'
import { keepHealths } from '#src/tasks/system-health.ts'

/** Within the time that a listener has; a system that takes longer is shown as away. */
const limitMs = 40_000

/** The window of `/iam-systems`, with what was seen just now. */
export async function systemsNow(services: Services, signal: AbortSignal): Promise<ModalView> {
  const { connectors, clock, log } = services.tasks
  const healths = await examineSystems(connectors, { clock, log, limitMs }, signal)
  await keepHealths(services.tasks, healths)
  return systemsView(healths, clock.now(), services.factors !== undefined)
}
