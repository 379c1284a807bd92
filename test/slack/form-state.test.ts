import { describe, expect, test } from 'vitest'
import { readElement, readMeta, readState } from '#src/slack/listening/form-state.ts'

const option = (value: string) => ({ value, text: { type: 'plain_text', text: value } })

describe('what stands in a form', () => {
  test.each([
    ['text', { type: 'plain_text_input', value: 'abc' }, 'abc'],
    ['empty text', { type: 'plain_text_input', value: null }, undefined],
    ['a number', { type: 'number_input', value: '42' }, '42'],
    ['a button', { type: 'button', value: 'T-4F7K2' }, 'T-4F7K2'],
    ['a button without a value', { type: 'button' }, undefined],
    ['a menu', { type: 'overflow', selected_option: option('x') }, 'x'],
    ['a select', { type: 'static_select', selected_option: option('x') }, 'x'],
    ['nothing selected', { type: 'static_select', selected_option: null }, undefined],
    ['a radio button', { type: 'radio_buttons', selected_option: option('x') }, 'x'],
    ['ticked boxes', { type: 'checkboxes', selected_options: [option('a'), option('b')] }, ['a', 'b']],
    ['no ticked box', { type: 'checkboxes', selected_options: [] }, []],
    ['a person', { type: 'users_select', selected_user: 'U1' }, 'U1'],
    ['nobody', { type: 'users_select', selected_user: null }, undefined],
    ['people', { type: 'multi_users_select', selected_users: ['U1'] }, ['U1']],
    ['a conversation', { type: 'conversations_select', selected_conversation: 'C1' }, 'C1'],
    ['a channel', { type: 'channels_select', selected_channel: 'C1' }, 'C1'],
    ['a date', { type: 'datepicker', selected_date: '2026-01-02' }, '2026-01-02'],
    ['a time', { type: 'timepicker', selected_time: '13:37', timezone: 'Europe/Vienna' }, '13:37'],
    ['a date with time', { type: 'datetimepicker', selected_date_time: 1_700_000_000 }, 1_700_000_000],
    ['files', { type: 'file_input', files: [{ id: 'F1' }] }, [{ id: 'F1' }]],
    ['something broken', 'nonsense', undefined],
  ])('is read: %s', (_, element, expected) => {
    expect(readElement(element)).toEqual(expected)
  })

  test('is keyed by block, whatever the element is called', () => {
    const values = { person: { 'find_person:2': { type: 'plain_text_input', value: 'alice' } }, empty: {} }
    expect(readState(values)).toEqual({ person: 'alice', empty: undefined })
  })

  test('a private note that is not JSON counts as none', () => {
    expect(readMeta('{"id":"x"}')).toEqual({ id: 'x' })
    expect(readMeta('')).toBeUndefined()
    expect(readMeta('{')).toBeUndefined()
  })
})
