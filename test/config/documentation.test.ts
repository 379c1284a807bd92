import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { stringify } from 'yaml'
import { z } from 'zod'
import { sections } from '#src/config/sections.ts'
import { slackModes } from '#src/config/slack.ts'
import { systemKinds } from '#src/config/systems.ts'

/** One key of the format: where it stands, and its default as YAML, `needed` or `none`. */
type Key = readonly [path: string, fallback: string]

/** Walks a schema down to the keys that hold values. */
function keysOf(schema: unknown, path: string, fallback = 'needed'): readonly Key[] {
  if (schema instanceof z.ZodPipe) return keysOf(schema.def.in, path, fallback)
  if (schema instanceof z.ZodReadonly) return keysOf(schema.def.innerType, path, fallback)
  if (schema instanceof z.ZodOptional) return keysOf(schema.def.innerType, path, 'none')
  if (schema instanceof z.ZodPrefault || schema instanceof z.ZodDefault)
    return keysOf(schema.def.innerType, path, yaml(schema.def.defaultValue))
  if (schema instanceof z.ZodObject)
    return Object.entries(schema.shape).flatMap(([key, one]) =>
      keysOf(one, path === '' ? key : `${path}.${key}`),
    )
  return [[path, fallback]]
}

function yaml(value: unknown): string {
  return `\`${stringify(value, { collectionStyle: 'flow', flowCollectionPadding: false }).trim()}\``
}

/** Per group of the page (a section, or a kind of systems): its keys with their defaults. */
function keysInCode(): Map<string, readonly string[]> {
  const groups = new Map<string, readonly Key[]>()
  groups.set(
    'slack',
    Object.values(slackModes).flatMap((mode) => keysOf(mode, 'slack')),
  )
  for (const [name, schema] of Object.entries(sections)) groups.set(name, keysOf(schema, name))
  for (const [kind, schema] of Object.entries(systemKinds)) groups.set(kind, keysOf(schema, ''))
  return new Map([...groups].map(([name, keys]) => [name, merged(keys)]))
}

/** Keys that are the same for every action are one, with all of their defaults. */
function merged(keys: readonly Key[]): readonly string[] {
  const fallbacks = new Map<string, Set<string>>()
  for (const [path, fallback] of keys) {
    const name = path.replace(/^approval\.(?!escalate_to)\w+/, 'approval.ACTION')
    fallbacks.set(name, (fallbacks.get(name) ?? new Set()).add(fallback))
  }
  return [...fallbacks].map(([name, all]) => `${name} = ${[...all].join(' or ')}`).toSorted()
}

/** The cells of a table's row whose first one is a key; nothing for other lines. */
function cellsOf(line: string): readonly string[] {
  const [, key, ...cells] = line.split(/ *\| */)
  const path = /^`([\w.]+)`$/.exec(key ?? '')?.[1]
  return path === undefined ? [] : [path, ...cells]
}

/** The same, as the page has it. */
function keysOnThePage(): Map<string, readonly string[]> {
  const groups = new Map<string, string[]>()
  let group: string[] | undefined
  for (const line of readFileSync('docs/configuration.md', 'utf8').split('\n')) {
    const heading = /^#{2,3} (?:Kind )?`([\w-]+)`$/.exec(line)?.[1]
    const [path, type = '', fallback, meaning = ''] = cellsOf(line)
    if (heading !== undefined) groups.set(heading, (group = []))
    if (line.startsWith('## Environment')) group = undefined
    if (path === undefined || group === undefined) continue
    group.push(`${path} = ${fallback}`)
    expect(type.length * meaning.length, `${path} says its type and meaning`).toBeGreaterThan(0)
  }
  groups.delete('iam_systems')
  return new Map([...groups].map(([name, keys]) => [name, keys.toSorted()]))
}

test('the page has every key with its default, and no other', () => {
  const inCode = keysInCode()
  const onThePage = keysOnThePage()
  expect([...onThePage.keys()].toSorted()).toEqual([...inCode.keys()].toSorted())
  for (const [name, keys] of inCode) expect(onThePage.get(name), name).toEqual(keys)
})

test('the example has every key', () => {
  const example = readFileSync('docs/drawbridge.example.yaml', 'utf8')
  const names = [...keysInCode().values()]
    .flat()
    .map((line) => line.replace(/ = .*/, '').split('.').at(-1) ?? '')
  expect(names.filter((name) => !example.includes(name))).toEqual([])
})
