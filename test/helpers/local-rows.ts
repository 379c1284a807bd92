import type { NewLocalGroupRow } from '#db/queries/local-groups.ts'
import type { NewLocalUserRow } from '#db/queries/local-users.ts'
import { after, start } from '#test/helpers/rows.ts'

/** A local user who waits for enrollment; what is not named has a usual value. */
export function localUserRow(id: string, fields: Partial<NewLocalUserRow> = {}): NewLocalUserRow {
  const email = `${id.slice(0, 1).toUpperCase()}${id.slice(1)}@corp.example`
  return {
    id,
    email,
    emailKey: email.toLowerCase(),
    description: '',
    searchText: `${email}\n${fields.description ?? ''}`.toLowerCase(),
    state: 'enabled',
    generation: 1,
    linkExpiresAt: after(1_000),
    version: 1,
    createdAt: start,
    updatedAt: start,
    ...fields,
  }
}

/** A local group without members; what is not named has a usual value. */
export function groupRow(name: string, fields: Partial<NewLocalGroupRow> = {}): NewLocalGroupRow {
  return {
    id: name,
    name,
    nameKey: name.toLowerCase(),
    description: '',
    searchText: `${name}\n${fields.description ?? ''}`.toLowerCase(),
    memberCount: 0,
    version: 1,
    createdAt: start,
    updatedAt: start,
    ...fields,
  }
}
