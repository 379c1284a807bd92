import type { Json } from '#src/sandbox/json.ts'
import { object, objects, text } from '#src/sandbox/json.ts'
import { afterSubmit, type Submitted } from '#src/sandbox/slack/people/after-submit.ts'
import { attachedState, type NewFile } from '#src/sandbox/slack/people/attach.ts'
import { formErrors } from '#src/sandbox/slack/people/check-form.ts'
import { type Choice, chosenState, ClientRefusal } from '#src/sandbox/slack/people/choose.ts'
import { actionOf, find, overflowAction } from '#src/sandbox/slack/people/find.ts'
import {
  closedPayload,
  submissionPayload,
  suggestionPayload,
  viewActionsPayload,
} from '#src/sandbox/slack/people/payloads.ts'
import { renderView } from '#src/sandbox/slack/render/thread.ts'
import { suggestions } from '#src/sandbox/slack/people/suggest.ts'
import type { Placed } from '#src/sandbox/slack/views/elements.ts'
import { closeAll, closeModal, stackOf } from '#src/sandbox/slack/views/modals.ts'
import type { Carrier, Delivery } from '#src/sandbox/slack/wire/carrier.ts'
import type { SlackUser, View, World } from '#src/sandbox/slack/world.ts'

/** How a click went. `nothing_sent`: this element tells the app nothing until the form is submitted, or a confirm was declined. */
export type Clicked =
  | { readonly kind: 'acknowledged' }
  | { readonly kind: 'nothing_sent' }
  | { readonly kind: 'trouble'; readonly error: 'operation_timeout' | 'dispatch_failed' }

/** A modal (or Home tab) in a person's hands. It shows what stands there now. */
export interface Modal {
  readonly id: string
  /** What stands there now; after closing, what stood there last. */
  readonly view: () => View
  readonly title: () => string
  /** All of it as plain text, as the person reads it. */
  readonly read: () => string
  readonly isOpen: () => boolean
  /** The sentences under the inputs, by block_id. */
  readonly errors: () => Readonly<Record<string, string>>
  /** The state of an element, e.g. `{ type: 'plain_text_input', value: 'x' }`. */
  readonly value: (name: string) => Json | undefined
  /**
   * Types or picks. Elements outside of inputs, and inputs with `dispatch_action`, tell the app at once (text: on each character if so
   * configured, otherwise with `enter`). Throws `ClientRefusal` for what the client does not allow.
   */
  readonly fill: (name: string, choice: Choice) => Promise<Clicked>
  /** Presses Enter in an input. */
  readonly enter: (name: string) => Promise<Clicked>
  /** Presses a button, or chooses `option` in an overflow menu. */
  readonly press: (
    name: string,
    options?: { readonly option?: string; readonly value?: string; readonly confirm?: boolean },
  ) => Promise<Clicked>
  /** Types into a menu whose options the app looks up; answers what it offers, which can then be filled in. */
  readonly suggest: (name: string, query: string) => Promise<readonly Json[]>
  /** Puts files into a file input. Throws `ClientRefusal` for too many, too large or the wrong kind. */
  readonly attach: (name: string, files: readonly NewFile[]) => Promise<void>
  /** Presses the form's own button. */
  readonly submit: () => Promise<Submitted>
  /** Cancel; `all` is the x, which closes everything. */
  readonly close: (all?: 'all') => Promise<void>
  /** The same modal as this person's slow client still shows it: what is done with it carries today's content, whatever changes. */
  readonly frozen: () => Modal
}

/** A handle on a view. */
export function modalOf(
  deps: { readonly world: World; readonly carrier: Carrier; readonly user: SlackUser },
  first: View,
  pinned?: View,
): Modal {
  const { world, carrier, user } = deps
  let last = first
  const view = (): View => {
    if (pinned !== undefined) return pinned
    last = world.views.get(first.id) ?? last
    return last
  }
  const blocks = (): readonly Json[] => objects(view().content['blocks'])
  const isOpen = (): boolean => world.views.has(first.id)

  const mustBeOpen = (): void => {
    if (!isOpen() && pinned === undefined)
      throw new ClientRefusal(`the modal ${text(object(first.content['title'])['text'])} is closed`)
  }
  const offered = new Map<string, readonly Json[]>()
  const setState = (placed: Placed, state: Json): void => {
    const now = view()
    const block = { ...now.values[placed.blockId], [placed.actionId]: state }
    const changed = { ...now, values: { ...now.values, [placed.blockId]: block } }
    if (pinned !== undefined) pinned = changed
    else world.views.set(first.id, changed)
    world.changes.tell()
  }
  const send = async (action: Json): Promise<Clicked> => clicked(await sendAction(action))
  const sendAction = (action: Json): Promise<Delivery> =>
    carrier.send({ kind: 'interactive', payload: viewActionsPayload(world, user, view(), action) })

  return {
    id: first.id,
    view,
    title: () => text(object(view().content['title'])['text']),
    read: () => renderView(world, view(), user.tz),
    isOpen,
    errors: () => view().errors,
    value: (name) => {
      const { blockId, actionId } = find(blocks(), name)
      return view().values[blockId]?.[actionId]
    },
    fill: async (name, choice) => {
      mustBeOpen()
      const placed = find(blocks(), name)
      const options = offered.get(placed.actionId)
      const state = chosenState({ ...placed.element, ...(options && { options }) }, choice)
      setState(placed, state)
      if (!tellsAtOnce(placed)) return { kind: 'nothing_sent' }
      return send(actionOf(placed, world.ids.ts(), state))
    },
    enter: async (name) => {
      mustBeOpen()
      const placed = find(blocks(), name)
      if (placed.block['dispatch_action'] !== true || !triggers(placed.element).includes('on_enter_pressed'))
        return { kind: 'nothing_sent' }
      return send(actionOf(placed, world.ids.ts(), view().values[placed.blockId]?.[placed.actionId]))
    },
    press: async (name, options = {}) => {
      mustBeOpen()
      const placed = find(blocks(), name, options.value)
      if (placed.element['confirm'] !== undefined && options.confirm === false)
        return { kind: 'nothing_sent' }
      return send(pressAction(placed, world.ids.ts(), options.option))
    },
    suggest: async (name, query) => {
      mustBeOpen()
      const placed = find(blocks(), name)
      const payload = suggestionPayload(world, user, view(), { ...placed, value: query })
      const options = await suggestions({ world, carrier }, placed, query, payload)
      offered.set(placed.actionId, options)
      return options
    },
    attach: async (name, files) => {
      mustBeOpen()
      const placed = find(blocks(), name)
      setState(placed, attachedState(world, user.id, placed.element, files))
    },
    submit: async () => {
      mustBeOpen()
      const submitted = view()
      if (submitted.kind === 'home' || submitted.content['submit'] === undefined)
        throw new ClientRefusal('there is no button to submit this')
      const errors = formErrors(submitted)
      if (Object.keys(errors).length > 0) return { kind: 'refused', errors }
      if (pinned === undefined) world.views.set(first.id, { ...submitted, errors: {} })
      const payload = submissionPayload(world, user, submitted)
      return afterSubmit(world, submitted, await carrier.send({ kind: 'interactive', payload }))
    },
    close: async (all) => {
      mustBeOpen()
      const now = view()
      const stack = stackOf(world, user.id)
      const told = all === 'all' ? (stack[0] ?? now) : now
      if (all === 'all' || now.content['clear_on_close'] === true) closeAll(world, user.id)
      else closeModal(world, now)
      if (told.content['notify_on_close'] !== true) return
      await carrier.send({ kind: 'interactive', payload: closedPayload(world, user, told, all === 'all') })
    },
    frozen: () => modalOf(deps, first, view()),
  }
}

/** The action of pressing a button or choosing in an overflow menu. Throws `ClientRefusal` for anything else. */
export function pressAction(placed: Placed, actionTs: string, option: string | undefined): Json {
  const type = placed.element['type']
  if (type === 'overflow') {
    if (option === undefined) throw new ClientRefusal('an overflow menu needs the option that is chosen')
    return overflowAction(placed, actionTs, option)
  }
  if (type !== 'button') throw new ClientRefusal(`one cannot press a ${text(type)}`)
  return actionOf(placed, actionTs, undefined)
}

/** What a person sees of a delivery. */
export function clicked(delivery: Delivery): Clicked {
  return delivery.kind === 'failed' ? { kind: 'trouble', error: delivery.error } : { kind: 'acknowledged' }
}

const textInputs = new Set([
  'plain_text_input',
  'email_text_input',
  'url_text_input',
  'number_input',
  'rich_text_input',
])

function tellsAtOnce({ block, element }: Placed): boolean {
  if (block['type'] !== 'input') return true
  if (block['dispatch_action'] !== true) return false
  return !textInputs.has(text(element['type'])) || triggers(element).includes('on_character_entered')
}

function triggers(element: Json): readonly unknown[] {
  const when = object(element['dispatch_action_config'])['trigger_actions_on']
  return Array.isArray(when) ? when : ['on_enter_pressed']
}
