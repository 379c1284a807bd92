import type { Json } from '#src/sandbox/json.ts'
import { objects, someText, text } from '#src/sandbox/json.ts'
import { withIds } from '#src/sandbox/slack/messages.ts'
import { Refusal } from '#src/sandbox/slack/methods/method.ts'
import { valuesOf } from '#src/sandbox/slack/views/elements.ts'
import type { View, World } from '#src/sandbox/slack/world.ts'

const deepest = 3

/** The modals a person has open, the undermost first. */
export function stackOf(world: World, userId: string): readonly View[] {
  return (world.stacks.get(userId) ?? []).flatMap((id) => world.views.get(id) ?? [])
}

/** Opens a first modal; whatever the person had open before is gone. */
export function openModal(world: World, userId: string, content: Json): View {
  mustBeNewExternalId(world, content)
  for (const view of stackOf(world, userId)) world.views.delete(view.id)
  const view = newView(world, userId, 'modal', content, undefined)
  setStack(world, userId, [view.id])
  return view
}

/** Lays a modal on top. Throws `push_limit_reached` when three are open, `not_found` when none is. */
export function pushModal(world: World, userId: string, content: Json): View {
  const stack = stackOf(world, userId)
  const top = stack.at(-1)
  if (top === undefined) throw new Refusal('not_found')
  if (stack.length >= deepest) throw new Refusal('push_limit_reached')
  mustBeNewExternalId(world, content)
  const view = newView(world, userId, 'modal', content, top)
  setStack(world, userId, [...stack.map((each) => each.id), view.id])
  return view
}

/** Puts other content into an open view; typed values stay where block_id and action_id do. */
export function changeView(world: World, view: View, content: Json): View {
  if (someText(content['external_id']) !== someText(view.content['external_id']))
    mustBeNewExternalId(world, content)
  const filled = fill(world, content)
  const changed: View = {
    ...view,
    content: filled,
    hash: world.ids.hash(),
    values: valuesOf(objects(filled['blocks']), view.values),
    errors: {},
  }
  world.views.set(view.id, changed)
  world.changes.tell()
  return changed
}

/** Closes one modal and what lies on top of it. */
export function closeModal(world: World, view: View): void {
  const ids = world.stacks.get(view.userId) ?? []
  const index = ids.indexOf(view.id)
  if (index === -1) return
  for (const id of ids.slice(index)) world.views.delete(id)
  setStack(world, view.userId, ids.slice(0, index))
}

/** Closes all modals of a person. */
export function closeAll(world: World, userId: string): void {
  for (const view of stackOf(world, userId)) world.views.delete(view.id)
  setStack(world, userId, [])
}

/** Sets a person's Home tab. */
export function publishHome(world: World, userId: string, content: Json): View {
  const known = world.views.get(world.homes.get(userId) ?? '')
  if (known !== undefined) return changeView(world, known, content)
  const view = newView(world, userId, 'home', content, undefined)
  world.homes.set(userId, view.id)
  world.changes.tell()
  return view
}

function setStack(world: World, userId: string, ids: readonly string[]): void {
  world.stacks.set(userId, ids)
  world.changes.tell()
}

function newView(
  world: World,
  userId: string,
  kind: View['kind'],
  content: Json,
  below: View | undefined,
): View {
  const id = world.ids.id('V')
  const filled = fill(world, content)
  const view: View = {
    id,
    userId,
    kind,
    content: filled,
    hash: world.ids.hash(),
    rootViewId: below?.rootViewId ?? id,
    previousViewId: below?.id,
    values: valuesOf(objects(filled['blocks'])),
    errors: {},
  }
  world.views.set(id, view)
  return view
}

function fill(world: World, content: Json): Json {
  return { ...content, blocks: withIds(world, objects(content['blocks'])) }
}

function mustBeNewExternalId(world: World, content: Json): void {
  const id = someText(content['external_id'])
  if (id === undefined) return
  const taken = [...world.views.values()].some((view) => view.content['external_id'] === id)
  if (taken) throw new Refusal('duplicate_external_id')
}

/** A view as the Web API and payloads give it. */
export function viewJson(world: World, view: View): Json {
  const { content } = view
  return {
    id: view.id,
    team_id: world.team.id,
    type: view.kind,
    blocks: content['blocks'],
    private_metadata: text(content['private_metadata']),
    callback_id: text(content['callback_id']),
    state: { values: view.values },
    hash: view.hash,
    title: content['title'] ?? { type: 'plain_text', text: 'View Title', emoji: true },
    clear_on_close: content['clear_on_close'] === true,
    notify_on_close: content['notify_on_close'] === true,
    close: content['close'] ?? null,
    submit: content['submit'] ?? null,
    previous_view_id: view.previousViewId ?? null,
    root_view_id: view.rootViewId,
    app_id: world.app.id,
    external_id: text(content['external_id']),
    app_installed_team_id: world.team.id,
    bot_id: world.app.botId,
  }
}
