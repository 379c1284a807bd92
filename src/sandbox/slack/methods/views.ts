import { checkView } from '#src/sandbox/slack/blocks/view.ts'
import type { Json } from '#src/sandbox/json.ts'
import { object, someText, text } from '#src/sandbox/json.ts'
import { type Handler, invalidArguments, Refusal } from '#src/sandbox/slack/methods/method.ts'
import { useTrigger } from '#src/sandbox/slack/triggers.ts'
import { changeView, openModal, publishHome, pushModal, viewJson } from '#src/sandbox/slack/views/modals.ts'
import type { Trigger, View, World } from '#src/sandbox/slack/world.ts'

/** `views.*`. */
export const viewMethods: Readonly<Record<string, Handler>> = {
  'views.open': (world, args) => {
    const view = object(args['view'])
    checkView(view, 'modal')
    const { userId } = triggerOf(world, args)
    return { view: viewJson(world, openModal(world, userId, view)) }
  },
  'views.push': (world, args) => {
    const view = object(args['view'])
    checkView(view, 'modal')
    const { userId, viewId } = triggerOf(world, args)
    if (viewId === undefined) throw new Refusal('not_found')
    return { view: viewJson(world, pushModal(world, userId, view)) }
  },
  'views.update': (world, args) => {
    const content = object(args['view'])
    const view = wanted(world, args)
    checkView(content, view.kind)
    mustMatchHash(view, args)
    return { view: viewJson(world, changeView(world, view, content)) }
  },
  'views.publish': (world, args) => {
    const content = object(args['view'])
    checkView(content, 'home')
    const userId = text(args['user_id'])
    const user = world.users.get(userId)
    if (user === undefined || user.deleted || user.isBot) throw invalidArguments('invalid user_id')
    const known = world.views.get(world.homes.get(userId) ?? '')
    if (known !== undefined) mustMatchHash(known, args)
    return { view: viewJson(world, publishHome(world, userId, content)) }
  },
}

function triggerOf(world: World, args: Json): Trigger {
  const id = someText(args['trigger_id'])
  if (id === undefined) throw invalidArguments('missing required field: trigger_id')
  return useTrigger(world, id)
}

function wanted(world: World, args: Json): View {
  const id = someText(args['view_id'])
  const externalId = someText(args['external_id'])
  if (id === undefined && externalId === undefined) throw invalidArguments('missing required field: view_id')
  const view = [...world.views.values()].find((each) =>
    id === undefined ? each.content['external_id'] === externalId : each.id === id,
  )
  if (view === undefined) throw new Refusal('not_found')
  return view
}

function mustMatchHash(view: View, args: Json): void {
  const hash = someText(args['hash'])
  if (hash !== undefined && hash !== view.hash) throw new Refusal('hash_conflict')
}
