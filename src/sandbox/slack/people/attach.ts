import type { Json } from '#src/sandbox/json.ts'
import { strings } from '#src/sandbox/json.ts'
import { fileJson } from '#src/sandbox/slack/messages.ts'
import { ClientRefusal } from '#src/sandbox/slack/people/choose.ts'
import type { SlackFile, World } from '#src/sandbox/slack/world.ts'

/** A file on a person's computer. */
export interface NewFile {
  readonly name: string
  readonly content: string | Buffer
  readonly mimetype?: string
}

const largest = 10 * 1024 * 1024

/** Uploads a person's file. */
export function keepFile(world: World, userId: string, wanted: NewFile): SlackFile {
  const file: SlackFile = {
    id: world.ids.id('F'),
    name: wanted.name,
    title: wanted.name,
    mimetype: wanted.mimetype ?? (wanted.name.endsWith('.csv') ? 'text/csv' : 'text/plain'),
    bytes: Buffer.from(wanted.content),
    userId,
    uploadedAt: world.now(),
  }
  world.files.set(file.id, file)
  return file
}

/** The state of a file input with these files. Throws `ClientRefusal` for what the client does not take. */
export function attachedState(world: World, userId: string, element: Json, files: readonly NewFile[]): Json {
  if (element['type'] !== 'file_input') throw new ClientRefusal('files go into a file input only')
  const max = typeof element['max_files'] === 'number' ? element['max_files'] : 10
  if (files.length > max) throw new ClientRefusal(`the field takes ${max} files`)
  const kinds = strings(element['filetypes'])
  for (const { name, content } of files) {
    if (Buffer.byteLength(content) > largest) throw new ClientRefusal(`${name} has more than 10 MB`)
    if (kinds.length > 0 && !kinds.some((kind) => name.endsWith(`.${kind}`)))
      throw new ClientRefusal(`the field takes ${kinds.join(', ')} only`)
  }
  return { type: 'file_input', files: files.map((file) => fileJson(world, keepFile(world, userId, file))) }
}
