import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeAll, expect, onTestFinished, test } from 'vitest'
import { connectorErrorCodes } from '#src/errors.ts'
import { readBacks, remarks } from '#src/iam/connector.ts'
import type { RenderedMessage } from '#src/slack/messages/task.ts'
import { statusLabel } from '#src/slack/messages/words.ts'
import { StoredReason } from '#src/tasks/rows.ts'
import { taskStatuses } from '#src/tasks/task.ts'
import { album, writeGallery } from '#test/gallery.ts'

const pages = new Map<string, string>()
const names = new Set(Object.values(album).flatMap((page) => page.map(([name]) => name)))

beforeAll(async () => {
  const folder = await mkdtemp(join(tmpdir(), 'drawbridge-gallery-'))
  try {
    await writeGallery(folder)
    for (const file of await readdir(folder)) pages.set(file, await readFile(join(folder, file), 'utf8'))
  } finally {
    await rm(folder, { recursive: true })
  }
})

test('Slack takes every message of the gallery, and the gallery has all statuses, reasons and results', () => {
  const reasons = StoredReason.options
    .map((option) => option.shape.kind.value)
    .filter((kind) => kind !== 'system_error' && kind !== 'read_back')
  const wanted = [
    ...taskStatuses,
    ...connectorErrorCodes.map((code) => `error:${code}`),
    ...reasons.map((kind) => `reason:${kind}`),
    ...readBacks.map((one) => `read_back:${one}`),
    ...remarks.map((one) => `remark:${one}`),
  ]
  expect(wanted.filter((name) => !names.has(name))).toEqual([])
  expect(pages.size).toBeGreaterThan(Object.keys(album).length)
})

test('every status stands on its message in the product’s words, in each shape of the message', () => {
  for (const page of ['statuses.html', 'fallbacks.html'])
    expect(
      Object.values(statusLabel).filter((label) => pages.get(page)?.includes(`— ${label}`) !== true),
    ).toEqual([])
})

test('what screen readers and phones read says the outcome of every task and is never empty', () => {
  const texts = Object.values(album).flatMap((page) => page.map(([, message]) => message.text))
  expect(texts.filter((text) => text.trim() === '')).toEqual([])
  const spoken = [...(album['statuses'] ?? []), ...(album['awkward'] ?? [])].map(([, { text }]) => text)
  expect(
    spoken.filter((text) => !Object.values(statusLabel).some((one) => text.includes(`: ${one}.`))),
  ).toEqual([])
})

test('foreign text in the gallery pings nobody and turns no words round', () => {
  const whole = JSON.stringify(Object.values(album))
  expect(whole).toContain('&lt;!channel&gt;')
  expect(whole).not.toMatch(/[\u202A-\u202E\u2066-\u2069]/u)
  expect([...pages.values()].join('').match(/class="mention me">@channel/u)).toBeNull()
})

test('a message that Slack would refuse ends the gallery with its name', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'drawbridge-gallery-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const emptyRow: RenderedMessage = { text: 'x', blocks: [{ type: 'actions', elements: [] }] }
  await expect(writeGallery(folder, { bad: [['empty row', emptyRow]] })).rejects.toThrow(
    'bad/empty row was refused',
  )
})
