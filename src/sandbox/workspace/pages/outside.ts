import { type Html, html, nothing } from '#src/sandbox/slack/index.ts'
import type { Outside, OutsideState, SignInAnswer } from '#src/sandbox/workspace/outside.ts'

/** The panel with what happens outside of Slack. */
export function outsideHtml(outside: Outside): Html {
  const { systems, bot } = outside.state()
  return html`<div class="log" id="log" tabindex="0" role="region" aria-label="Outside Slack">
    <section class="card" aria-labelledby="systems">
      <div class="card-head">
        <h2 id="systems">Can Alice sign in?</h2>
        <button type="button" class="button primary small" id="ask" data-outside='{"kind":"ask_sign_ins"}'>
          Try her password now
        </button>
      </div>
      <p class="context">
        Nothing of this goes through Drawbridge: each system is asked itself, with Alice's password, when you
        press.
      </p>
      <ul class="systems">
        ${systems.map(systemHtml)}
      </ul>
    </section>
    ${botHtml(bot)}
    <section class="card" aria-labelledby="tries">
      <h2 id="tries">Worth a try</h2>
      <ul class="tries">
        <li>
          Disable Alice in # security, then enable her here past Drawbridge: the thread tells it, with a
          button to disable again.
        </li>
        <li>
          Take a system down before Ana approves: the others do not wait for it, and it is done when it is
          back, within ten minutes.
        </li>
        <li>
          Kill the bot just after Ana approves, and start it again: nothing is lost and nothing is done twice.
        </li>
      </ul>
    </section>
  </div>`
}

const answers: Readonly<Record<SignInAnswer, readonly [sign: string, words: string]>> = {
  works: ['yes', 'Her password signs her in'],
  refused: ['no', 'Her password no longer signs her in'],
  no_answer: ['away', 'No answer'],
}

function systemHtml({ id, title, isDown, signIn }: OutsideState['systems'][number]): Html {
  const [sign, words] = signIn === undefined ? ['unknown', 'Not asked yet'] : answers[signIn.answer]
  const at = signIn === undefined ? nothing : html` <small>asked at ${clock(signIn.askedAtMs)}</small>`
  const press = (kind: string, label: string) =>
    html`<button
      type="button"
      class="button small"
      id="${kind}/${id}"
      data-outside="${JSON.stringify({ kind, system: id })}"
      aria-label="${label}: ${id}"
    >
      ${label}
    </button>`
  return html`<li id="system/${id}">
    <div class="system">
      <b>${id}</b> <span class="context">${title}</span>
      <p class="answer ${sign}" data-answer="${signIn?.answer ?? 'unknown'}">${words}${at}</p>
      ${isDown ? html`<p class="answer away">Down: it answers nobody</p>` : nothing}
    </div>
    <div class="actions">
      ${press('enable_behind', 'Enable Alice past Drawbridge')}
      ${isDown ? press('bring_back', 'Bring it back') : press('take_down', 'Take it down')}
    </div>
  </li>`
}

function botHtml(bot: OutsideState['bot']): Html {
  const runs = bot.kind === 'running'
  return html`<section class="card" aria-labelledby="bot">
    <div class="card-head">
      <h2 id="bot">The bot</h2>
      ${
        runs
          ? html`<button
              type="button"
              class="button danger small"
              id="kill"
              data-outside='{"kind":"kill_bot"}'
            >
              Kill it
            </button>`
          : html`<button
              type="button"
              class="button primary small"
              id="kill"
              data-outside='{"kind":"start_bot"}'
            >
              Start it again
            </button>`
      }
    </div>
    <p class="answer ${runs ? 'yes' : 'no'}">
      ${bot.kind === 'running' ? `Runs as process ${bot.pid}` : `Ended with status ${bot.status}`}
    </p>
  </section>`
}

function clock(atMs: number): string {
  return new Date(atMs).toLocaleTimeString('en-GB')
}
