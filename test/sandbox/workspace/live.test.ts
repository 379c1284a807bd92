import { expect, it, onTestFinished } from 'vitest'
import { serveTestPage } from '#test/sandbox/workspace/served.ts'

it('sends the page again and again to who looks at it, each time that something changes', async () => {
  const { url, slack } = await serveTestPage()
  const reading = new AbortController()
  onTestFinished(() => reading.abort())
  const { body } = await fetch(`${url}live/as/rita/security`, reading)
  const reader = body!.pipeThrough(new TextDecoderStream()).getReader()
  let sent = ''
  const until = async (words: string) => {
    while (!sent.includes(words)) {
      const { value, done } = await reader.read()
      if (done) throw new Error(`the stream ended before it said ${words}`)
      sent += value
    }
  }
  const rita = slack.as('U0RITA')
  for (const words of ['first words', 'second words', 'third words']) {
    expect(sent).not.toContain(words)
    await rita.say('C0OPS', words)
    await until(words)
  }
})
