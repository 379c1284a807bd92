import { createHash } from 'node:crypto'

/**
 * The one script of the pages: browsers give passkeys to nobody else. It asks the browser what the form holds, and sends
 * the form with the answer.
 */
export const passkeyScript = `
for (const form of document.querySelectorAll('form[data-passkey]')) {
  const status = form.querySelector('[role=status]')
  form.addEventListener('submit', async (event) => {
    event.preventDefault()
    status.textContent = ''
    if (typeof globalThis.PublicKeyCredential?.parseCreationOptionsFromJSON !== 'function') {
      status.textContent = form.dataset.without
      return
    }
    try {
      const options = JSON.parse(form.dataset.options)
      const credential = form.dataset.passkey === 'add'
        ? await navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options) })
        : await navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options) })
      form.elements.answer.value = JSON.stringify(credential.toJSON())
      form.submit()
    } catch {
      status.textContent = form.dataset.failed
    }
  })
}
`

/** Where the script is: another address as soon as it changes. */
export const passkeyScriptPath = `/assets/${createHash('sha256').update(passkeyScript).digest('hex').slice(0, 16)}.js`
