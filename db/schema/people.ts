import type { Kit } from '#db/kit.ts'

/** Lists of people: what a form for several people names, while and after they are looked up. */
export const definePeopleLists = (k: Kit) =>
  k.table(
    'people_lists',
    {
      // Also the `lookUpId` of the task that is made of it.
      id: k.text('id').primaryKey(),
      action: k.text('action').notNull(),
      requesterId: k.text('requester_id').notNull(),
      requesterEmail: k.text('requester_email'),
      channelId: k.text('channel_id').notNull(),
      // The open form that shows how far it is.
      viewId: k.text('view_id').notNull(),
      // The Disable task from whose menu the form was opened.
      fromTask: k.text('from_task'),
      // What the form asked beside the people, as it was left.
      description: k.text('description').notNull(),
      endsAfterMs: k.int('ends_after_ms'),
      endSessions: k.bool('end_sessions').notNull(),
      // reading | looking | found | failed
      state: k.text('state').notNull(),
      // A file that is still to be fetched.
      file: k.json('file'),
      problem: k.text('problem'),
      createdAt: k.time('created_at').notNull(),
    },
    (t) => [k.index('people_lists_created').on(t.createdAt)],
  )

/** The people of a list, and of the task that was made of it. */
export const defineTaskPeople = (k: Kit) =>
  k.table(
    'task_people',
    {
      listId: k.text('list_id').notNull(),
      // From 1; the `person` of the enforcements.
      position: k.int('position').notNull(),
      line: k.int('line').notNull(),
      text: k.text('text').notNull(),
      // waiting | in | out
      state: k.text('state').notNull(),
      name: k.text('name').notNull(),
      leftOut: k.json('left_out'),
      found: k.json('found'),
      // How many accounts more may be the person's, and are left alone.
      others: k.int('others').notNull(),
      // to_check | to_send | sent: how far the task is with the person.
      stage: k.text('stage').notNull(),
      // What was read right before the first change, and when.
      gate: k.json('gate'),
      gateAt: k.time('gate_at'),
    },
    (t) => [
      k.primaryKey({ columns: [t.listId, t.position] }),
      k.index('task_people_state').on(t.listId, t.state, t.position),
      k.index('task_people_stage').on(t.listId, t.stage, t.position),
    ],
  )
