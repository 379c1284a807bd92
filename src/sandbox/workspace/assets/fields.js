// What is typed and picked in fields of forms and messages.
import { hide, listOf, show } from './lists.js'
import { pending } from './live.js'
import { act } from './send.js'
import { at, placeOf } from './where.js'

function chosen(control) {
  if (control.type === 'checkbox' || control.type === 'radio') {
    const boxes = [...control.closest('.boxes').querySelectorAll('input')]
    const values = boxes.filter((box) => box.checked).map((box) => box.value)
    return control.type === 'radio' ? values[0] : values
  }
  return control.value
}

// What is typed goes to the server when the typing pauses, and before anything else is done.
const waits = new Map()
export function fillLater(control) {
  const holder = control.closest('[data-kind]')
  const { id } = holder
  const version = (pending.get(id) ?? 0) + 1
  pending.set(id, version)
  clearTimeout(waits.get(id)?.timer)
  const run = async () => {
    clearTimeout(waits.get(id)?.timer)
    waits.delete(id)
    await act({ kind: 'fill', ...at(holder), choice: chosen(control) })
    if (pending.get(id) === version) pending.delete(id)
  }
  waits.set(id, { run, timer: setTimeout(run, 250) })
}

export const flush = () => Promise.all([...waits.values()].map(({ run }) => run()))

export const isTyped = (control) => control.matches('textarea, input:not([type=checkbox], [type=radio])')

export async function files(control) {
  const chosenFiles = [...control.files]
  if (chosenFiles.length === 0) return
  const composer = control.closest('.composer')
  if (composer) {
    await act({ kind: 'share', ...placeOf(composer) }, chosenFiles)
    control.value = ''
  } else await act({ kind: 'attach', ...at(control) }, chosenFiles)
}

// Menus whose options the app looks up.
let looking = 0
export async function lookUp(field) {
  const turn = ++looking
  const { options = [] } = await act({ kind: 'suggest', ...at(field), query: field.value })
  if (turn !== looking) return
  const list = listOf(field)
  list.replaceChildren(
    ...options.map((option, index) =>
      Object.assign(document.createElement('li'), {
        role: 'option',
        id: `${list.id}/${index}`,
        textContent: option.text.text,
      }),
    ),
  )
  options.forEach((option, index) => (list.children[index].dataset.value = option.value))
  show(field, list)
}

export async function pickFound(field, list, option) {
  const isMulti = field.dataset.kind.startsWith('multi_')
  const before = JSON.parse(field.dataset.picked)
  field.value = isMulti ? '' : option.textContent
  hide(field, list)
  const { value } = option.dataset
  await act({ kind: 'fill', ...at(field), choice: isMulti ? [...before, value] : value })
}
