// A list of what fits below or above a field, with one of it chosen.

export const listOf = (field) => document.getElementById(field.getAttribute('aria-controls'))
export const shownIn = (list) => [...list.children].filter((option) => !option.hidden)

export function show(field, list) {
  const any = shownIn(list).length > 0
  list.hidden = !any
  expanded(field, any)
  select(field, list, any ? shownIn(list)[0] : undefined)
}

export function select(field, list, wanted) {
  for (const option of list.children) option.setAttribute('aria-selected', String(option === wanted))
  if (!wanted) return field.removeAttribute('aria-activedescendant')
  field.setAttribute('aria-activedescendant', wanted.id)
  wanted.scrollIntoView({ block: 'nearest' })
}

export function hide(field, list) {
  list.hidden = true
  expanded(field, false)
}

// Browsers know no text area of several lines that expands.
const expanded = (field, is) => {
  if (field.role === 'combobox') field.setAttribute('aria-expanded', String(is))
}
