import { type Html, html, nothing, type Slack } from '#src/sandbox/slack/index.ts'
import type { AppManifest } from '#src/sandbox/workspace/manifest.ts'

/** Where one writes, with what is offered after `/` and `@`. */
export function composer(options: {
  readonly slack: Slack
  readonly manifest: AppManifest
  readonly channelId: string
  readonly threadTs: string | undefined
  readonly label: string
}): Html {
  const { slack, manifest, channelId, threadTs, label } = options
  const id = threadTs === undefined ? 'composer' : `composer-${threadTs}`
  const global = threadTs === undefined ? manifest.shortcuts.filter(({ place }) => place === 'global') : []
  return html`<form
    class="composer"
    id="${id}/form"
    data-channel="${channelId}"
    ${threadTs === undefined ? nothing : html` data-thread="${threadTs}"`}
  >
    <ul class="offers" role="listbox" id="${id}/offers" aria-label="What fits" hidden>
      ${threadTs === undefined ? commandOffers(manifest, id) : nothing}${nameOffers(slack, id)}
    </ul>
    <textarea
      id="${id}"
      rows="1"
      maxlength="4000"
      aria-label="${label}"
      placeholder="${label}"
      aria-autocomplete="list"
      aria-controls="${id}/offers"
    ></textarea>
    <div class="row">
      <label class="button small attach"
        >Share a file<input type="file" class="unseen" id="${id}/file" multiple
      /></label>
      ${
        global.length === 0
          ? nothing
          : html`<details class="menu">
              <summary id="${id}/shortcuts">⚡ Shortcuts</summary>
              <div>
                ${global.map(({ id: shortcut, name }) => html`<button type="button" data-shortcut="${shortcut}">${name}</button>`)}
              </div>
            </details>`
      }
      <button type="submit" class="button primary small">Send</button>
    </div>
  </form>`
}

function commandOffers(manifest: AppManifest, id: string): Html {
  return html`${manifest.commands.map(
    ({ name, description, hint }) =>
      html`<li
        role="option"
        aria-selected="false"
        id="${id}/offer${name}"
        data-insert="${name} "
        data-match="${name}"
        hidden
      >
        <b>${name}</b> <span class="usage">${hint}</span><small>${description}</small>
      </li>`,
  )}`
}

function nameOffers(slack: Slack, id: string): Html {
  const people = slack
    .users()
    .filter((user) => !user.deleted && user.name !== 'slackbot')
    .map((user) => ({ handle: user.name, words: user.realName }))
  const groups = slack.groups().map(({ handle, name }) => ({ handle, words: name }))
  return html`${[...people, ...groups].map(
    ({ handle, words }) =>
      html`<li
        role="option"
        aria-selected="false"
        id="${id}/offer@${handle}"
        data-insert="@${handle} "
        data-match="@${handle}"
        hidden
      >
        <b>@${handle}</b> <span class="usage">${words}</span>
      </li>`,
  )}`
}
