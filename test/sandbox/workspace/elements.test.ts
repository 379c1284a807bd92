import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { accessibilityFaults, chromiumPath, startChromium } from '#test/helpers/chromium.ts'
import { bolt, plain } from '#test/sandbox/slack/workspace.ts'
import { tabs, windowOf, write } from '#test/sandbox/workspace/browser.ts'
import { serveTestPage } from '#test/sandbox/workspace/served.ts'

const option = (value: string) => ({ text: plain(`The ${value}`), value })
const input = (id: string, element: object, more: object = {}) => ({
  ...{ type: 'input', block_id: id, label: plain(`Your ${id}`), element: { ...element, action_id: id } },
  ...more,
})

/** A form with everything that one can fill in. */
const everything = [
  input('name', { type: 'plain_text_input', max_length: 20 }),
  input('mail', { type: 'email_text_input' }),
  input('count', { type: 'number_input', is_decimal_allowed: false }),
  input('day', { type: 'datepicker' }),
  input('hour', { type: 'timepicker' }),
  input('colour', { type: 'static_select', options: ['red', 'blue'].map(option) }),
  input('tools', { type: 'multi_static_select', options: ['saw', 'axe', 'file'].map(option) }),
  input('friend', { type: 'users_select' }),
  input('size', { type: 'radio_buttons', options: ['small', 'large'].map(option) }),
  input('extras', { type: 'checkboxes', options: ['salt', 'sugar'].map(option) }),
  input('town', { type: 'external_select', min_query_length: 2 }),
  input('paper', { type: 'file_input' }, { optional: true }),
]

describe.skipIf(chromiumPath === undefined)('A form on the page', { timeout: 60_000 }, () => {
  let chromium: Browser
  beforeAll(async () => {
    chromium = await startChromium()
  })
  afterAll(() => chromium.close())

  async function stage(blocks: readonly object[]) {
    const { slack, url } = await serveTestPage()
    const told: string[] = []
    const sent: unknown[] = []
    await bolt(slack, (app) => {
      app.command('/disable-user', async ({ ack, body, client }) => {
        await ack()
        const view: object = {
          type: 'modal',
          callback_id: 'form',
          title: plain('A form'),
          submit: plain('Send'),
          blocks,
        }
        await client.apiCall('views.open', { trigger_id: body.trigger_id, view })
      })
      app.options('town', async ({ ack, payload }) => {
        told.push(`asked for ${payload.value}`)
        const towns = ['Berlin', 'Bern', 'Bergen'].filter((town) =>
          town.toLowerCase().startsWith(payload.value),
        )
        await ack({ options: towns.map(option) })
      })
      app.action(/./u, async ({ ack, action }) => {
        told.push(`${'action_id' in action ? action.action_id : ''} ${'value' in action ? action.value : ''}`)
        await ack()
      })
      app.view('form', async ({ ack, view }) => {
        sent.push(view.state.values)
        await ack()
      })
    })
    const { open, complaints } = await tabs(chromium, url)
    const page = await open('/as/rita')
    await write(page, '/disable-user')
    return { slack, page, window: await windowOf(page, 'A form'), told, sent, complaints }
  }

  it('takes every kind of answer, looks up towns while one types, and sends what was filled in', async () => {
    const { page, window, told, sent, complaints } = await stage(everything)
    expect(await accessibilityFaults(page)).toEqual([])
    await window.getByLabel('Your name').fill('Rita')
    await window.getByLabel('Your mail').fill('rita@corp.example')
    await window.getByLabel('Your count').fill('7')
    await window.getByLabel('Your day').fill('2026-11-21')
    await window.getByLabel('Your hour').fill('03:12')
    await window.getByLabel('Your colour').selectOption('blue')
    await window.getByLabel('The axe').check()
    await window.getByLabel('The file').check()
    await window.getByLabel('Your friend').selectOption('U0RITA')
    await window.getByLabel('The large').check()
    await window.getByLabel('The salt').check()
    await window.getByLabel('Your town').pressSequentially('ber')
    await window.getByRole('option', { name: 'The Bern', exact: true }).click()
    await window.getByLabel('Your paper').setInputFiles({
      ...{ name: 'notes.txt', mimeType: 'text/plain' },
      buffer: Buffer.from('hello'),
    })
    await window.getByText('Attached: notes.txt').waitFor()
    await window.getByRole('button', { name: 'Send' }).click()
    await window.waitFor({ state: 'detached' })
    const [values] = sent
    const picked = (value: string) => ({ selected_option: expect.objectContaining({ value }) })
    expect(values).toMatchObject({
      name: { name: { value: 'Rita' } },
      mail: { mail: { value: 'rita@corp.example' } },
      count: { count: { value: '7' } },
      day: { day: { selected_date: '2026-11-21' } },
      hour: { hour: { selected_time: '03:12' } },
      colour: { colour: picked('blue') },
      tools: { tools: { selected_options: [option('axe'), option('file')] } },
      friend: { friend: { selected_user: 'U0RITA' } },
      size: { size: picked('large') },
      extras: { extras: { selected_options: [option('salt')] } },
      town: { town: picked('Bern') },
      paper: { paper: { files: [expect.objectContaining({ name: 'notes.txt' })] } },
    })
    expect(told.filter((line) => line.startsWith('asked'))).toContain('asked for ber')
    expect(told).not.toContain('asked for b')
    expect(complaints()).toEqual([])
  })

  it('tells the app of each word or only at Enter, as the element says', async () => {
    const trigger = (when: string) => ({ dispatch_action_config: { trigger_actions_on: [when] } })
    const { window, told } = await stage([
      input(
        'live',
        { type: 'plain_text_input', ...trigger('on_character_entered') },
        { dispatch_action: true },
      ),
      input('late', { type: 'plain_text_input', ...trigger('on_enter_pressed') }, { dispatch_action: true }),
    ])
    await window.getByLabel('Your late').fill('at the end')
    await window.getByLabel('Your live').fill('at once')
    await expect.poll(() => told, { timeout: 10_000 }).toContain('live at once')
    expect(told).not.toContain('late at the end')
    await window.getByLabel('Your late').press('Enter')
    await expect.poll(() => told, { timeout: 10_000 }).toContain('late at the end')
  })

  it('asks before a press counts where the app wants that', async () => {
    const confirm = {
      title: plain('Sure?'),
      text: plain('It is gone then.'),
      confirm: plain('Drop it'),
      deny: plain('Keep it'),
    }
    const { page, window, told } = await stage([
      {
        type: 'actions',
        elements: [{ type: 'button', action_id: 'drop', text: plain('Drop'), value: 'x', confirm }],
      },
      input('name', { type: 'plain_text_input' }),
    ])
    await window.getByRole('button', { name: 'Drop' }).click()
    await page.getByRole('dialog', { name: 'Sure?' }).getByRole('button', { name: 'Keep it' }).click()
    expect(told).toEqual([])
    await window.getByRole('button', { name: 'Drop' }).click()
    await page.getByRole('dialog', { name: 'Sure?' }).getByRole('button', { name: 'Drop it' }).click()
    await expect.poll(() => told, { timeout: 10_000 }).toContain('drop x')
  })

  it('says kindly that nobody is connected, and stays open', async () => {
    const { slack, page, window } = await stage([input('name', { type: 'plain_text_input' })])
    await window.getByLabel('Your name').fill('Rita')
    slack.sockets.disable()
    await window.getByRole('button', { name: 'Send' }).click()
    await page
      .getByRole('alert')
      .getByText('We had some trouble connecting. Drawbridge is not connected. Try again?')
      .waitFor()
    expect(await window.getByLabel('Your name').inputValue()).toBe('Rita')
  })
})
