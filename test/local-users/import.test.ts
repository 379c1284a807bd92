import { expect, it } from 'vitest'
import { countOf, takePlaces } from '#db/queries/local-counts.ts'
import { nextMailAt } from '#db/queries/mails.ts'
import { updateLocalUsers } from '#db/queries/local-users.ts'
import { linesOfStream } from '#db/queries/outbox.ts'
import { UserError } from '#src/errors.ts'
import { addUser } from '#src/local-users/add.ts'
import { changeUser, describeUser } from '#src/local-users/change.ts'
import { failuresCsv, requestExport, usersCsv } from '#src/local-users/export.ts'
import { addGroup } from '#src/local-users/groups.ts'
import { confirmImport, failedRows, tryImport } from '#src/local-users/import.ts'
import { listGroups, listUsers } from '#src/local-users/list.ts'
import { actorWith, auditTrail, lou } from '#test/helpers/local-admin.ts'
import { batchStage, csvOf } from '#test/helpers/local-batches.ts'
import { describeOnBothEngines } from '#test/helpers/store.ts'

const code = (work: Promise<unknown>) =>
  work.then(
    () => 'no refusal',
    (error: unknown) => (error instanceof UserError ? error.code : error),
  )

describeOnBothEngines('An import', (open) => {
  const setUp = async () => {
    const store = await open()
    const stage = batchStage(store)
    const dryRun = (text: string | Buffer, updateDescriptions = false) =>
      tryImport(stage.deps, lou, { name: 'people.csv', bytes: Buffer.from(text), updateDescriptions })
    const run = async (text: string | Buffer, updateDescriptions = false) => {
      const { id } = await dryRun(text, updateDescriptions)
      await confirmImport(stage.deps, lou, id)
      await stage.runner.runAllDue()
      return await stage.batch(id)
    }
    const listed = async () =>
      (await listUsers(stage.deps, lou, {}, { number: 0, sort: 'email' })).users.map(
        ({ email, description, groups }) => [email, description, groups],
      )
    return { store, ...stage, dryRun, run, listed }
  }

  it('first says what it would do and changes nothing', async () => {
    const { store, deps, dryRun, listed } = await setUp()
    // Nobody in the file is Ann, so the dry run does not count her.
    for (const email of ['old@corp.example', 'ann@corp.example'])
      await addUser(deps, lou, { email, description: 'old' })
    await addGroup(deps, lou, { name: 'vpn', description: '' })
    const text = [
      'Email;Description;Groups;Enabled',
      'new@corp.example;one;VPN|Build;yes',
      'OLD@corp.example;other;;yes',
      'nonsense;x;;',
      'two@corp.example;two;build;',
    ].join('\r\n')
    const { facts, ...draft } = await dryRun(text)
    expect(draft).toMatchObject({ state: 'draft', total: 3, done: 1, failed: 1 })
    expect(facts).toEqual({
      kind: 'import',
      fileName: 'people.csv',
      updateDescriptions: false,
      fresh: 2,
      held: 0,
      there: 1,
      described: 0,
      emptied: 0,
      noDescriptions: false,
      invalid: 1,
      invalidLines: [4],
      overLimit: 0,
      newGroups: 1,
      newGroupNames: ['Build'],
      groupsOverLimit: 0,
      unknownColumns: ['Enabled'],
    })
    expect((await listed()).map(([email]) => email)).toEqual(['ann@corp.example', 'old@corp.example'])
    expect(await store.read((ctx) => countOf(ctx, 'groups'))).toBe(1)
  })

  it('makes accounts with their groups, mails and records, and leaves the others as they are', async () => {
    const { store, deps, run, listed } = await setUp()
    const old = await addUser(deps, lou, { email: 'old@corp.example', description: 'old' })
    const batch = await run(
      'email,description,groups\na@corp.example,one,vpn|Build|VPN\nold@corp.example,new,vpn\nb@corp.example,,build\n',
    )
    expect(batch).toMatchObject({ state: 'done', total: 2, done: 2, changed: 2, failed: 0 })
    expect(await listed()).toEqual([
      ['a@corp.example', 'one', ['Build', 'vpn']],
      ['b@corp.example', '', ['Build']],
      ['old@corp.example', 'old', []],
    ])
    expect((await listGroups(deps, lou, undefined, { number: 0 })).groups).toMatchObject([
      { name: 'Build', members: 2 },
      { name: 'vpn', members: 1 },
    ])
    const trail = (await auditTrail(store)).filter(({ facts }) => !JSON.stringify(facts).includes(old.id))
    expect(trail.map((event) => event.kind)).toEqual([
      'batch_requested',
      'batch_started',
      'local_user_added',
      'local_user_added',
      'local_group_added',
      'local_group_added',
      'batch_finished',
    ])
    expect(trail[2]).toMatchObject({ actor: 'U0LOU', facts: { email: 'a@corp.example', batchId: batch.id } })
    expect(await store.read(nextMailAt)).toEqual(deps.clock.now())
  })

  it('describes accounts anew where that is ticked', async () => {
    const { deps, dryRun, run, listed } = await setUp()
    await addUser(deps, lou, { email: 'same@corp.example', description: 'same' })
    await addUser(deps, lou, { email: 'old@corp.example', description: 'old' })
    const text = 'email,description\nold@corp.example,new\nsame@corp.example,same\nx@corp.example,x\n'
    expect((await dryRun(text, true)).facts).toMatchObject({ fresh: 1, there: 2, described: 1 })
    expect(await run(text, true)).toMatchObject({ state: 'done', total: 2, changed: 2, failed: 0 })
    expect(await listed()).toEqual([
      ['old@corp.example', 'new', []],
      ['same@corp.example', 'same', []],
      ['x@corp.example', 'x', []],
    ])
  })

  it('leaves descriptions alone that the file has no column for, and counts those that become empty', async () => {
    const { store, deps, dryRun, run, batch, listed, runner } = await setUp()
    for (const one of ['a', 'b', 'c'])
      await addUser(deps, lou, { email: `${one}@corp.example`, description: one })
    const none = await dryRun('email\na@corp.example\nnew@corp.example\n', true)
    expect(none).toMatchObject({
      total: 1,
      facts: { there: 1, described: 0, emptied: 0, updateDescriptions: false, noDescriptions: true },
    })
    const some = 'email,description\na@corp.example,\nb@corp.example,new\nc@corp.example,c\n'
    expect((await dryRun(some, true)).facts).toMatchObject({
      described: 1,
      emptied: 1,
      noDescriptions: false,
    })
    expect(await run(some, true)).toMatchObject({ total: 2, changed: 2, failed: 0 })
    // Somebody else made this account meanwhile, and described it.
    await addUser(deps, lou, { email: 'new@corp.example', description: 'kept' })
    await confirmImport(deps, lou, none.id)
    await runner.runAllDue()
    expect(await batch(none.id)).toMatchObject({ changed: 0, failed: 1 })
    expect((await listed()).map(([, description]) => description)).toEqual(['', 'new', 'c', 'kept'])
    const trail = (await auditTrail(store)).filter(({ kind }) => kind === 'local_user_described')
    expect(trail).toHaveLength(2)
  })

  it('counts and records only descriptions that it changed', async () => {
    const { store, deps, dryRun, runner, batch } = await setUp()
    const a = await addUser(deps, lou, { email: 'a@corp.example', description: 'old' })
    const { id } = await dryRun('email,description\na@corp.example,new\n', true)
    await describeUser(deps, lou, { id: a.id, version: 1 }, 'new')
    await confirmImport(deps, lou, id)
    await runner.runAllDue()
    expect(await batch(id)).toMatchObject({ state: 'done', done: 1, changed: 0, failed: 0 })
    const trail = (await auditTrail(store)).filter(({ kind }) => kind === 'local_user_described')
    expect(trail.map(({ facts }) => JSON.stringify(facts).includes(id))).toEqual([false])
  })

  it('gives the failed rows back as a file that can be mended and imported', async () => {
    const { deps, run, listed } = await setUp()
    const batch = await run(
      'email,description,groups\na@corp.example,one,\nnonsense,"say ""=1"", b",a|b\n=bad@@x,=1+1,\n',
    )
    expect(batch).toMatchObject({ state: 'done', total: 3, done: 3, changed: 1, failed: 2 })
    const file = await failuresCsv(deps, batch.id)
    expect(file.split('\r\n').slice(0, 3)).toEqual([
      '\ufeffline,email,description,groups,reason',
      '3,nonsense,"say ""=1"", b",a|b,This is not an e-mail address like name@example.com.',
      "4,'=bad@@x,'=1+1,,This is not an e-mail address like name@example.com.",
    ])
    const mended = file.replace('nonsense', 'b@corp.example').replace("'=bad@@x", 'c@corp.example')
    expect(await run(mended)).toMatchObject({ total: 2, changed: 2, failed: 0 })
    expect(await listed()).toEqual([
      ['a@corp.example', 'one', []],
      ['b@corp.example', 'say "=1", b', ['a', 'b']],
      ['c@corp.example', '=1+1', []],
    ])
  })

  it('of an export finds nothing new', async () => {
    const { deps, dryRun, run } = await setUp()
    await run(
      'email,description,groups\n+a@corp.example,"=cmd|\'/c calc\'!A0","=g|a\\|b"\nb@corp.example,"x,""y"";z",c\\\n',
    )
    const file = await usersCsv(deps, {})
    expect(file).toContain(
      "\r\n'+a@corp.example,'=cmd|'/c calc'!A0,'=g|a\\|b,enabled,Waiting for enrollment\r\n",
    )
    const again = await dryRun(file, true)
    expect(again).toMatchObject({
      total: 0,
      facts: { fresh: 0, there: 2, described: 0, newGroups: 0, invalid: 0 },
    })
    expect(await code(confirmImport(deps, lou, again.id))).toBe('nothing_to_do')
  })

  it('fills the last places and tells which rows found none', async () => {
    const { store, deps, dryRun, run } = await setUp()
    await store.write((ctx) => takePlaces(ctx, 'users', 9_998, 10_000))
    await store.write((ctx) => takePlaces(ctx, 'groups', 999, 1_000))
    const text = csvOf(2, ['p2@corp.example,,', 'p3@corp.example,,'])
      .toString()
      .replaceAll(/(\d),$/gm, '$1,g$1')
    expect((await dryRun(text)).facts).toMatchObject({
      fresh: 2,
      overLimit: 2,
      newGroups: 1,
      groupsOverLimit: 1,
    })
    const batch = await run(text)
    expect(batch).toMatchObject({ state: 'done', total: 4, changed: 2, partly: 1, failed: 2 })
    const failures = await failedRows(deps, lou, batch.id, { from: 0, limit: 9 })
    expect(failures.map(({ row, reason }) => [row, reason])).toEqual([
      [3, { kind: 'made_without_groups' }],
      [4, { kind: 'too_many_users' }],
      [5, { kind: 'too_many_users' }],
    ])
  })

  it('tells who stays disabled because a Disable task had disabled them before they were deleted', async () => {
    const { store, deps, dryRun, run } = await setUp()
    const { id } = await addUser(deps, lou, { email: 'a@corp.example', description: '' })
    const heldSince = deps.clock.now()
    await store.write((ctx) => updateLocalUsers(ctx, [id], { state: 'disabled', heldSince }, true))
    await changeUser(deps, lou, 'delete', id)
    const text = 'email\nb@corp.example\nA@corp.example\n'
    expect((await dryRun(text)).facts).toMatchObject({ fresh: 2, held: 1 })
    const batch = await run(text)
    expect(batch).toMatchObject({ state: 'done', total: 2, changed: 2, partly: 1, failed: 0 })
    expect(await failedRows(deps, lou, batch.id, { from: 0, limit: 9 })).toMatchObject([
      { row: 3, email: 'A@corp.example', reason: { kind: 'made_disabled' } },
    ])
    const sent = await store.read((ctx) => linesOfStream(ctx, `batch:${batch.id}`))
    expect(sent.map(({ message }) => message)).toMatchObject([
      { kind: 'batch_status' },
      { kind: 'batch_failures' },
    ])
  })

  it('tells which accounts somebody else made since the dry run', async () => {
    const { deps, runner, dryRun, batch } = await setUp()
    const { id } = await dryRun(csvOf(3))
    const { id: userId } = await addUser(deps, lou, { email: 'P1@corp.example', description: 'mine' })
    await confirmImport(deps, lou, id)
    expect(await code(confirmImport(deps, lou, id))).toBe('stale')
    await runner.runAllDue()
    expect(await batch(id)).toMatchObject({ changed: 2, failed: 1 })
    expect(await failedRows(deps, lou, id, { from: 0, limit: 9 })).toMatchObject([
      { row: 3, email: 'p1@corp.example', reason: { kind: 'already_there' } },
    ])
    await changeUser(deps, lou, 'delete', userId)
  })

  it('is for local-user admins, each with their own files, and not for ever', async () => {
    const { deps, dryRun } = await setUp()
    const owner = actorWith('owner')
    const file = { name: 'x', bytes: csvOf(1), updateDescriptions: false }
    expect(await code(tryImport(deps, owner, file))).toBe('not_allowed')
    expect(await code(requestExport(deps, owner, {}))).toBe('not_allowed')
    const { id } = await dryRun(csvOf(1))
    expect(await code(confirmImport(deps, owner, id))).toBe('not_allowed')
    expect(await code(failedRows(deps, owner, id, { from: 0, limit: 1 }))).toBe('not_allowed')
    expect(await code(confirmImport(deps, { ...lou, userId: 'U0OTHER' }, id))).toBe('not_found')
    deps.clock.move(25 * 60 * 60 * 1000)
    await dryRun(csvOf(1))
    expect(await code(confirmImport(deps, lou, id))).toBe('not_found')
  })
})
