// Where one writes, with what fits after a / and an @.
import { pickFound } from './fields.js'
import { hide, listOf, select, show, shownIn } from './lists.js'
import { act } from './send.js'
import { placeOf } from './where.js'

export async function write(form) {
  const field = form.querySelector('textarea')
  const text = field.value
  if (text.trim() === '') return
  field.value = ''
  offer(field)
  grow(field)
  const log = document.getElementById(form.dataset.thread ? 'thread' : 'log')
  if (log) log.scrollTop = log.scrollHeight
  await act({ kind: 'write', ...placeOf(form), text })
}

function grow(field) {
  field.rows = Math.min(8, field.value.split('\n').length)
}

// Commands after a / at the beginning, names after an @ anywhere.
export function offer(field) {
  grow(field)
  const before = field.value.slice(0, field.selectionStart)
  const word = /^\/\S*$|(?<=^|\s)@[\w.-]*$/u.exec(before)?.[0]
  const list = listOf(field)
  for (const option of list.children)
    option.hidden = word === undefined || !option.dataset.match.startsWith(word.toLowerCase())
  show(field, list)
}

export function picked(option) {
  const list = option.parentElement
  const field = document.querySelector(`[aria-controls="${CSS.escape(list.id)}"]`)
  if (field.matches('.combo input')) return pickFound(field, list, option)
  const before = field.value.slice(0, field.selectionStart)
  const after = field.value.slice(field.selectionStart)
  const kept = before.replace(/[/@]\S*$/u, '')
  field.value = kept + option.dataset.insert + after
  field.focus()
  field.selectionStart = field.selectionEnd = kept.length + option.dataset.insert.length
  hide(field, list)
}

// Keys in a field with a list: answers whether the list took the key.
export function moved(event, field) {
  const list = listOf(field)
  const options = shownIn(list)
  const index = options.findIndex((option) => option.getAttribute('aria-selected') === 'true')
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
  if (step) select(field, list, options[(index + step + options.length) % options.length])
  else if (event.key === 'Escape') {
    hide(field, list)
    event.stopPropagation()
  } else if ((event.key === 'Enter' || event.key === 'Tab') && options[index]) {
    // A command that is typed in full is sent, not completed.
    if (event.key === 'Enter' && field.value.trim() === options[index].dataset.match) return false
    picked(options[index])
  } else return false
  return true
}
