import { avatar, type Html, html } from '#src/sandbox/slack/index.ts'
import type { CastMember } from '#src/sandbox/workspace/pages/workspace.ts'

/** The first page: what this is, what to try, and whom one can be. */
export function startHtml(cast: readonly CastMember[]): Html {
  const link = (name: string, words: string) =>
    html`<a href="/as/${name}/security" target="sandbox-${name}">${words}</a>`
  return html`<main class="start">
    <h1>Drawbridge, to try</h1>
    <p>
      The whole product on this machine: a Slack-like workspace, built-in directories with Alice in each of
      them, and the real bot. No account anywhere, and nothing leaves this computer.
    </p>
    <h2>In a minute</h2>
    <ol>
      <li>
        Be ${link('rita', 'Rita')}, type <code>/disable-user alice@corp.example</code> in # security and press
        <b>Create</b>.
      </li>
      <li>
        Be ${link('ana', 'Ana')} in a second window beside it, and press <b>Approve</b>. Follow the thread.
      </li>
      <li>Under <b>Outside Slack</b>, try Alice's password in every system. It no longer signs her in.</li>
    </ol>
    <h2>Whom you can be</h2>
    <ul class="cast">
      ${cast.map(
        ({ name, realName, role, may }) =>
          html`<li>
            <a href="/as/${name}/security" target="sandbox-${name}"
              >${avatar(realName)}<span><b>${realName}</b><small>${role}: ${may}</small></span></a
            >
          </li>`,
      )}
    </ul>
    <p class="context">Each opens in a tab of its own, so that two people can stand side by side.</p>
  </main>`
}
