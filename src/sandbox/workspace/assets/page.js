// What people see is drawn by the server alone. This hears what they do and sends it; here is only what a browser must
// know by itself: typing, focus, scrolling, menus.
import { ask } from './ask.js'
import { files, fillLater, flush, isTyped, lookUp } from './fields.js'
import { listOf } from './lists.js'
import { expectErrors, follow, go, markRead, viewId, windowChanged } from './live.js'
import { act, send } from './send.js'
import { at, where } from './where.js'
import { moved, offer, picked, write } from './write.js'

async function pressed(button) {
  const { confirm, value, option } = button.dataset
  if (confirm && !(await ask(JSON.parse(confirm)))) return
  button.closest('details.menu')?.removeAttribute('open')
  button.setAttribute('aria-busy', 'true')
  await flush()
  await act({ kind: 'press', ...at(button), ...(option === undefined ? { value } : { option }) })
  button.removeAttribute('aria-busy')
}

document.addEventListener('click', async (event) => {
  const link = event.target.closest('a')
  if (link && link.pathname === location.pathname && link.host === location.host && !isForNewTab(event)) {
    event.preventDefault()
    return go(link.href)
  }
  const target = event.target.closest('button, summary, li[role=option]')
  for (const menu of document.querySelectorAll('details.menu[open]'))
    if (!menu.contains(event.target)) menu.removeAttribute('open')
  if (!target) return
  const { action, shortcut, outside, do: doing } = target.dataset
  if (target.matches('li[role=option]')) return picked(target)
  if (action !== undefined) return pressed(target)
  if (outside) {
    target.setAttribute('aria-busy', 'true')
    await send('/outside', JSON.parse(outside))
    return target.removeAttribute('aria-busy')
  }
  if (doing) return act({ kind: doing })
  if (shortcut) {
    const message = target.closest('article[data-ts]')
    target.closest('details.menu')?.removeAttribute('open')
    return act({ kind: 'shortcut', id: shortcut, ...(message && { message: where(message) }) })
  }
  if (target.matches('#window .x')) return closeWindow(true)
  if (target.matches('#window [data-close]')) return closeWindow(false)
})

const isForNewTab = (event) => event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0

const closeWindow = (all) => act({ kind: 'close', viewId: viewId(), all })

// Escape closes what Cancel closes, and the server says when.
document.addEventListener(
  'cancel',
  (event) => {
    if (event.target.id !== 'window') return
    event.preventDefault()
    closeWindow(false)
  },
  true,
)

document.addEventListener('submit', async (event) => {
  const form = event.target
  if (form.method === 'dialog') return
  event.preventDefault()
  if (form.matches('.composer')) return write(form)
  const button = form.querySelector('[type=submit]')
  button?.setAttribute('aria-busy', 'true')
  await flush()
  expectErrors()
  await act({ kind: 'submit', viewId: form.dataset.view })
  button?.removeAttribute('aria-busy')
})

document.addEventListener('change', (event) => {
  const control = event.target
  const holder = control.closest('[data-kind]')
  if (control.type === 'file') return files(control)
  if (holder && !control.matches('[role=combobox]')) {
    fillLater(control)
    if (!isTyped(control)) flush()
  }
})

document.addEventListener('input', (event) => {
  const control = event.target
  if (control.matches('.composer textarea')) return offer(control)
  if (control.matches('.combo input')) return lookUp(control)
  if (control.closest('[data-kind]') && isTyped(control) && control.type !== 'file') fillLater(control)
})

document.addEventListener('keydown', (event) => {
  const field = event.target
  if (event.key === 'Escape')
    for (const menu of document.querySelectorAll('details.menu[open]')) {
      menu.removeAttribute('open')
      menu.querySelector('summary').focus()
    }
  if (field.matches?.('[aria-controls]') && !listOf(field).hidden && moved(event, field))
    return event.preventDefault()
  if (event.isComposing || event.key !== 'Enter') return
  if (field.matches?.('.composer textarea') && !event.shiftKey) {
    event.preventDefault()
    field.form.requestSubmit()
  } else if (field.matches?.('[data-kind][data-enter]')) {
    event.preventDefault()
    flush().then(() => act({ kind: 'enter', ...at(field) }))
  } else if (field.matches?.('#window textarea') && (event.ctrlKey || event.metaKey))
    field.form.requestSubmit()
})

for (const log of document.querySelectorAll('.log[data-place]')) log.scrollTop = log.scrollHeight
if (document.getElementById('page')?.dataset.at === 'home') act({ kind: 'open_home' })
// In narrow windows the places stand in a row that scrolls.
document.querySelector('.sidebar [aria-current]')?.scrollIntoView({ block: 'nearest', inline: 'center' })
windowChanged(undefined, document.body)
markRead()
follow()
