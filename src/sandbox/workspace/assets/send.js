// Tells the server what a person does, and the person what the server answers.

const page = () => document.getElementById('page')
const notice = document.getElementById('notice')

// One after the other, so that what was typed is there before the button counts.
let queue = Promise.resolve()

export function send(path, doing, files = []) {
  const form = new FormData()
  form.set('doing', JSON.stringify(doing))
  for (const file of files) form.append('file', file)
  const answer = queue.then(async () => {
    try {
      const response = await fetch(path, { method: 'POST', body: form })
      const outcome = await response.json()
      say(outcome.sentence)
      return outcome
    } catch {
      say('The sandbox does not answer. Is it still running?')
      return {}
    }
  })
  queue = answer
  return answer
}

export const act = (doing, files) => send(`/as/${page().dataset.as}/do`, doing, files)

let noticeTimer
export function say(sentence) {
  if (!sentence) return
  notice.textContent = sentence
  notice.classList.add('shown')
  clearTimeout(noticeTimer)
  noticeTimer = setTimeout(() => notice.classList.remove('shown'), 8000)
}
