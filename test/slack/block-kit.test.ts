import { describe, expect, test } from 'vitest'
import * as kit from '#src/slack/block-kit/index.ts'

const long = 'x'.repeat(20_000)
const choices = Array.from({ length: 200 }, (_, index) => ({
  value: `v${index}`,
  text: long,
  description: long,
}))

describe('blocks keep Slack’s limits', () => {
  test.each([
    ['section', kit.section(long).text?.text, 3000],
    ['plain section', kit.plainSection(long).text?.text, 3000],
    ['field', kit.fields([long]).fields?.[0]?.text, 2000],
    ['header', kit.header(long).text.text, 150],
    ['button', kit.button({ id: 'a', text: long }).text.text, 75],
    ['spoken button', kit.button({ id: 'a', text: 'x', spoken: long }).accessibility_label, 75],
    ['choice', kit.staticSelect({ id: 'a', choices }).options?.[0]?.text.text, 75],
    ['description of a choice', kit.checkboxes({ id: 'a', choices }).options[0]?.description?.text, 75],
    ['label', kit.input({ blockId: 'b', label: long, element: kit.textInput({ id: 'a' }) }).label.text, 2000],
    ['placeholder', kit.textInput({ id: 'a', placeholder: long }).placeholder?.text, 150],
    ['first text', kit.textInput({ id: 'a', initial: long, maxLength: 512 }).initial_value, 512],
    ['title of a form', kit.modal({ id: 'm', title: long, blocks: [] }).title.text, 24],
    ['title of a plan', kit.plan(long, []).title, 255],
  ])('text of a %s', (_, text, max) => {
    expect(text).toHaveLength(max)
    expect(text).toMatch(/…$/u)
  })

  test.each([
    ['menu', kit.overflow({ id: 'a', choices }).options, 5],
    ['select', kit.staticSelect({ id: 'a', choices }).options, 100],
    ['boxes', kit.checkboxes({ id: 'a', choices }).options, 10],
    ['radio buttons', kit.radioButtons({ id: 'a', choices }).options, 10],
    ['fields', kit.fields(choices.map((choice) => choice.text)).fields, 10],
    ['context', kit.context(...choices.map((choice) => choice.text)).elements, 10],
    ['row', kit.actions(choices.map((choice) => kit.button({ id: choice.value, text: 'x' }))).elements, 25],
    ['form', kit.modal({ id: 'm', title: 'x', blocks: choices.map(() => kit.divider()) }).blocks, 100],
  ])('number of parts of a %s', (_, parts, max) => {
    expect(parts).toHaveLength(max)
  })

  test('what is ticked or picked at first is equal to one of the choices', () => {
    const two = [
      { value: 'a', text: 'A' },
      { value: 'b', text: 'B', description: 'second' },
    ]
    const boxes = kit.checkboxes({ id: 'x', choices: two, ticked: ['b', 'gone'] })
    expect(boxes.initial_options).toEqual([boxes.options[1]])
    expect(kit.checkboxes({ id: 'x', choices: two, ticked: ['gone'] })).not.toHaveProperty('initial_options')
    const radio = kit.radioButtons({ id: 'x', choices: two, picked: 'a' })
    expect(radio.initial_option).toEqual(radio.options[0])
    expect(kit.staticSelect({ id: 'x', choices: two, picked: 'gone' })).not.toHaveProperty('initial_option')
  })

  test('a form’s own note is refused before Slack would', () => {
    expect(kit.modal({ id: 'm', title: 'x', blocks: [], meta: { id: 'd1' } }).private_metadata).toBe(
      '{"id":"d1"}',
    )
    expect(() => kit.modal({ id: 'm', title: 'x', blocks: [], meta: long })).toThrow('20002 characters')
  })
})
