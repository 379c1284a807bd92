import { complain } from '#src/sandbox/slack/calls.ts'
import { checkView } from '#src/sandbox/slack/blocks/view.ts'
import { isObject, text } from '#src/sandbox/json.ts'
import { Refusal } from '#src/sandbox/slack/methods/method.ts'
import { inputBlockIds } from '#src/sandbox/slack/people/find.ts'
import { changeView, closeAll, closeModal, pushModal } from '#src/sandbox/slack/views/modals.ts'
import type { Delivery } from '#src/sandbox/slack/wire/carrier.ts'
import type { View, World } from '#src/sandbox/slack/world.ts'

/** What a person sees after pressing a form's button. */
export type Submitted =
  /** The client did not send it; sentences by block_id. */
  | { readonly kind: 'refused'; readonly errors: Readonly<Record<string, string>> }
  /** The app put sentences under inputs. */
  | { readonly kind: 'errors'; readonly errors: Readonly<Record<string, string>> }
  | { readonly kind: 'closed' }
  | { readonly kind: 'cleared' }
  | { readonly kind: 'updated' }
  | { readonly kind: 'pushed' }
  /** "We had some trouble connecting. Try again?" The form stays open. */
  | { readonly kind: 'trouble'; readonly error: 'operation_timeout' | 'dispatch_failed' | 'bad_answer' }

/** Does what the app's acknowledgement of a submission says. */
export function afterSubmit(world: World, submitted: View, delivery: Delivery): Submitted {
  if (delivery.kind === 'failed') return { kind: 'trouble', error: delivery.error }
  try {
    return obey(world, submitted, delivery.payload)
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    complain(
      world,
      `answer to the form ${text(submitted.content['callback_id'])}: ${error.code} ${JSON.stringify(error.extra)}`,
    )
    return { kind: 'trouble', error: 'bad_answer' }
  }
}

function obey(world: World, submitted: View, answer: unknown): Submitted {
  const open = world.views.get(submitted.id)
  if (answer === undefined || answer === '') {
    if (open !== undefined) closeModal(world, open)
    return { kind: 'closed' }
  }
  if (!isObject(answer)) throw new Refusal('no response_action')
  switch (answer['response_action']) {
    case 'clear':
      closeAll(world, submitted.userId)
      return { kind: 'cleared' }
    case 'errors':
      return showErrors(world, open ?? submitted, answer['errors'])
    case 'update':
    case 'push': {
      const content = answer['view']
      if (!isObject(content)) throw new Refusal('no view')
      checkView(content, 'modal')
      if (answer['response_action'] === 'push') {
        pushModal(world, submitted.userId, content)
        return { kind: 'pushed' }
      }
      if (open !== undefined) changeView(world, open, content)
      return { kind: 'updated' }
    }
    default:
      throw new Refusal(`response_action ${text(answer['response_action'])}`)
  }
}

function showErrors(world: World, view: View, errors: unknown): Submitted {
  if (!isObject(errors) || Object.keys(errors).length === 0) throw new Refusal('no errors')
  const inputs = inputBlockIds(view.content)
  const sentences: Record<string, string> = {}
  for (const [blockId, sentence] of Object.entries(errors)) {
    if (!inputs.has(blockId)) throw new Refusal(`an error for ${blockId}, which is no input block`)
    if (typeof sentence !== 'string' || sentence === '') throw new Refusal(`an empty error for ${blockId}`)
    sentences[blockId] = sentence
  }
  if (world.views.has(view.id)) world.views.set(view.id, { ...view, errors: sentences })
  world.changes.tell()
  return { kind: 'errors', errors: sentences }
}
