import { z } from 'zod'
import { showGroup } from '#src/local-users/list.ts'
import type { Actor } from '#src/people/actor.ts'
import { addAccessRuleByName, listAccessRules } from '#src/sign-in/access-rules-change.ts'
import type { ModalView } from '#src/slack/context.ts'
import { type AccessFilter, accessView } from '#src/slack/messages/local/access.ts'
import { GroupsMeta } from '#src/slack/modals/local-groups.ts'
import { defineModal, type Services } from '#src/slack/services.ts'

/** The filter as it comes back from the person's machine. */
export const AccessMeta = z.object({
  groups: GroupsMeta,
  groupId: z
    .string()
    .regex(/^[\w-]{1,40}$/)
    .optional(),
  page: z.number().int().min(0).max(10_000),
})

interface Asked {
  readonly services: Services
  readonly actor: Actor
}

/** The group that the window is about; undefined when it is about all rules. Throws `UserError`. */
export async function groupOf({ services, actor }: Asked, filter: AccessFilter) {
  const { groupId } = filter
  return groupId === undefined ? undefined : (await showGroup(services.tasks, actor, groupId)).group
}

/** The window of access rules; `said` is what just happened. Throws `UserError`. */
export async function accessWindow(asked: Asked, filter: AccessFilter, said?: string): Promise<ModalView> {
  const { services, actor } = asked
  const { access, tasks } = services
  const group = await groupOf(asked, filter)
  const who = group === undefined ? undefined : ({ kind: 'group', id: group.id } as const)
  const rules = await listAccessRules({ store: tasks.store, access }, actor, who)
  return accessView({ filter, rules, resources: access.resources, group, said })
}

/** **Add** a rule. */
export const accessRuleModal = defineModal({
  id: 'access_rule',
  right: 'local_user_admin',
  state: z.looseObject({
    resource: z.string('Choose what may be reached.').min(1, 'Say what may be reached.'),
    who: z.string().optional(),
  }),
  meta: AccessMeta,
  async submit({ resource, who = '' }, filter, ctx) {
    const { access, tasks } = ctx.services
    const named =
      filter.groupId === undefined ? { name: who } : { kind: 'group' as const, id: filter.groupId }
    const deps = { store: tasks.store, clock: tasks.clock, access }
    const isNew = await addAccessRuleByName(deps, ctx.actor, { resource, who: named })
    const said = isNew ? 'The rule was added. It counts from now on.' : 'This rule was there already.'
    return { kind: 'update', view: await accessWindow(ctx, { ...filter, page: 0 }, said) }
  },
})
