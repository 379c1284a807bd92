import { once } from 'node:events'
import { startSandbox } from '#src/sandbox/workspace/start.ts'

/** The port of the page unless somebody asks for another. */
export const usualPort = 4710

/** Opens the workspace for a browser and keeps it open until the signal. Everything that was started has ended then. */
export async function openWorkspace(
  options: Parameters<typeof startSandbox>[0] & { readonly tell: (line: string) => void },
): Promise<void> {
  const { tell, signal } = options
  try {
    await using sandbox = await startSandbox(options)
    for (const line of welcome(sandbox.url)) tell(line)
    if (!signal.aborted) await once(signal, 'abort')
    tell('\nStopping …')
  } catch (error) {
    // Somebody who changes their mind while it starts finds nothing wrong.
    if (!signal.aborted) throw error
  }
}

function welcome(url: string): readonly string[] {
  return [
    '',
    `Open ${url}`,
    '',
    '  1. Be Rita: type /disable-user alice@corp.example in # security and press Create.',
    '  2. Be Ana, in a second window beside it: press Approve, and follow the thread.',
    '  3. Under Outside Slack, try Alice’s password in every system, enable her past Drawbridge, or kill the bot.',
    '',
    'Ctrl-C ends everything.',
  ]
}
