import type { Kit } from '#db/kit.ts'

/**
 * Grams: the three-letter parts of search texts as words, so that what an engine has for whole words finds a part anywhere
 * (docs/decisions/0018). They are written with the text, in the same transaction, and hold nothing that it doesn't.
 */
export const defineGrams = (k: Kit, name: string) =>
  k.table(name, {
    // The `seq` of the row whose text it is. SQLite's index for words knows rows by this name alone.
    seq: k.int('rowid').primaryKey(),
    words: k.words('words').notNull(),
  })

/** The tables of grams: not drizzle-kit but each engine's opening makes them, since it knows no such tables. */
export const gramTables = {
  localGroupGrams: 'local_group_grams',
  localUserGrams: 'local_user_grams',
} as const

const names = Object.values(gramTables)

/** What makes the tables of grams where they are missing, and what else lists are read by that only one engine has. */
export const makeGrams = {
  sqlite: [
    ...names.flatMap((name) => [
      // Words only: neither the text itself nor where in it a word stands.
      `create virtual table if not exists ${name} using fts5(words, content='', contentless_delete=1, detail=none, tokenize='ascii')`,
      // What is deleted goes when what is new is merged, not at once: else a delete now and then takes 20 ms more.
      `insert into ${name}(${name}, rank) values ('deletemerge', 0)`,
    ]),
    // Texts in the order of the list, so that walking along them reads nothing else. PostgreSQL takes none so long.
    'create index if not exists local_users_text on local_users (email_key, search_text)',
    'create index if not exists local_groups_text on local_groups (name_key, search_text)',
  ],
  postgres: names.flatMap((name) => [
    `create table if not exists ${name} (rowid bigint primary key, words tsvector not null)`,
    // What is new waits in a list that each search reads through, so it must stay short: the limit is in kilobytes.
    `create index if not exists ${name}_words on ${name} using gin (words) with (gin_pending_list_limit = 256)`,
  ]),
} as const
