// Slack asks before some presses count: answers whether the person went on.
export function ask({ title, text, yes, no, isDanger }) {
  const dialog = document.createElement('dialog')
  dialog.className = 'window confirm'
  dialog.setAttribute('aria-labelledby', 'confirm-title')
  const part = (tag, words, more = {}) =>
    Object.assign(document.createElement(tag), { textContent: words, ...more })
  const form = Object.assign(document.createElement('form'), { method: 'dialog', className: 'modal' })
  const header = document.createElement('header')
  header.append(part('h2', title, { id: 'confirm-title' }))
  const footer = document.createElement('footer')
  footer.append(
    part('button', no, { className: 'button', value: 'no' }),
    part('button', yes, { className: `button ${isDanger ? 'danger' : 'primary'}`, value: 'yes' }),
  )
  form.append(header, part('p', text, { className: 'body lines' }), footer)
  dialog.append(form)
  document.body.append(dialog)
  dialog.showModal()
  return new Promise((resolve) => {
    dialog.addEventListener('close', () => {
      dialog.remove()
      resolve(dialog.returnValue === 'yes')
    })
  })
}
