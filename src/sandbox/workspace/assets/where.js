// Where something on the page belongs in Slack.

export function where(element) {
  const view = element.closest('[data-view]')
  if (view) return { viewId: view.dataset.view }
  const message = element.closest('article[data-ts]')
  return { channelId: message.dataset.channel, ts: message.dataset.ts }
}

export const at = (element) => ({
  on: where(element),
  block: element.dataset.block,
  action: element.dataset.action,
})

export const placeOf = ({ dataset }) => ({
  channelId: dataset.channel,
  ...(dataset.thread && { threadTs: dataset.thread }),
})
