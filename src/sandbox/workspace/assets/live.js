// Puts in what the server draws, so that focus, caret, scrolling and half-typed words stay.
import { Idiomorph } from './idiomorph.js'
import { act, say } from './send.js'

const page = () => document.getElementById('page')
const spoken = document.getElementById('spoken')

// Fields whose last words are still on their way to the server, by id.
export const pending = new Map()

function morph(html) {
  const before = page()
  const logs = new Map([...before.querySelectorAll('.log')].map((log) => [log.id, atEnd(log)]))
  const known = new Set([...before.querySelectorAll('article[data-ts]')].map((each) => each.id))
  const view = viewId()
  const focused = document.activeElement
  Idiomorph.morph(before, html, {
    morphStyle: 'outerHTML',
    callbacks: {
      // Lists that this script fills, and fields with words that the server does not have yet, are not its business.
      beforeNodeMorphed: (old) =>
        !(old.nodeType === 1 && (old.matches('ul[role=listbox], .composer textarea') || pending.has(old.id))),
      beforeAttributeUpdated: (name, node) =>
        !(name === 'value' && node === document.activeElement) &&
        !(name === 'open' && node.matches('details, dialog')) &&
        !(name.startsWith('aria-') && node.matches('[aria-controls]') && name !== 'aria-invalid'),
    },
  })
  document.title = page().dataset.title
  for (const [id, wasAtEnd] of logs) {
    const log = document.getElementById(id)
    if (wasAtEnd && log?.dataset.place) log.scrollTop = log.scrollHeight
  }
  windowChanged(view, focused)
  focusError()
  focusThread()
  speak(known)
  markRead()
}

const atEnd = (log) => log.scrollHeight - log.scrollTop - log.clientHeight < 40

function speak(known) {
  const fresh = [...page().querySelectorAll('article[data-ts]')].filter((each) => !known.has(each.id))
  const lines = fresh.map((each) => each.closest('.spoken')?.dataset.spoken)
  if (lines.length > 0 && known.size > 0) spoken.textContent = lines.join('\n')
}

export function markRead() {
  if (document.visibilityState !== 'visible') return
  for (const log of document.querySelectorAll('.log[data-place]'))
    if (Number(log.dataset.unread) > 0) {
      const mark = `${log.dataset.place} ${log.dataset.last}`
      if (marked.has(mark)) continue
      marked.add(mark)
      setTimeout(() => act({ kind: 'read', place: log.dataset.place, ts: log.dataset.last }), 2500)
    }
}
const marked = new Set()

// A browser opens few connections to one place, so a tab that nobody sees only asks now and then.
let source
let polling
export function follow() {
  source?.close()
  clearInterval(polling)
  if (!page()) return
  if (document.visibilityState === 'visible') {
    source = new EventSource(`/live${location.pathname}${location.search}`)
    source.addEventListener('message', ({ data }) => morph(data))
    source.addEventListener('error', () => say('The sandbox does not answer. Is it still running?'))
  } else
    polling = setInterval(async () => {
      const response = await fetch(location.href).catch(() => undefined)
      if (!response?.ok) return
      const fetched = new DOMParser().parseFromString(await response.text(), 'text/html')
      morph(fetched.getElementById('page').outerHTML)
    }, 3000)
}
document.addEventListener('visibilitychange', follow)
addEventListener('popstate', follow)
addEventListener('pagehide', () => source?.close())

// Opens or closes a thread without losing what is half written and where one has scrolled to.
let isOpening = false
export function go(address) {
  history.pushState(null, '', address)
  isOpening = true
  follow()
}

function focusThread() {
  if (!isOpening) return
  isOpening = false
  const side = document.querySelector('.side')
  const to = side?.querySelector('.composer textarea') ?? document.getElementById('composer')
  to?.focus()
  const thread = document.getElementById('thread')
  if (thread) thread.scrollTop = thread.scrollHeight
}

export const viewId = () => document.querySelector('#window form')?.dataset.view
let opener
let stopgap

export function windowChanged(before, focused) {
  const dialog = document.getElementById('window')
  if (dialog && !dialog.open) {
    opener = focused
    dialog.showModal()
  }
  // A window that is still working has no field; the first that comes gets the focus, if nobody has moved it.
  const isNew = viewId() !== before
  if (dialog && (isNew || (stopgap !== undefined && document.activeElement === stopgap))) {
    if (isNew) isExpecting = false
    const field = firstField(dialog)
    stopgap = field ? undefined : dialog.querySelector('.body button, footer button')
    ;(field ?? stopgap)?.focus()
  }
  if (!dialog && before) {
    const back =
      opener?.isConnected && opener !== document.body ? opener : document.getElementById('composer')
    back?.focus()
  }
}

const firstField = (dialog) => dialog.querySelector('.body :is(input, textarea, select):not([disabled])')

let isExpecting = false
export function expectErrors() {
  isExpecting = true
}

// A form that comes back is gone through from its first mistake.
function focusError() {
  const wrong = document.querySelector('#window [aria-invalid=true], #window .wrong ~ .boxes input')
  if (isExpecting && wrong) {
    isExpecting = false
    wrong.focus()
  }
}
