import type { Kit } from '#db/kit.ts'

/** What the OpenID provider keeps: sessions, grants, tokens, codes and sign-ins that are under way. */
export const defineOidcRecords = (k: Kit) =>
  k.table(
    'oidc_records',
    {
      // Hash of kind and id: what relying parties and browsers show is kept nowhere.
      id: k.text('id').primaryKey(),
      // Session | Grant | AuthorizationCode | AccessToken | RefreshToken | Interaction
      kind: k.text('kind').notNull(),
      userId: k.text('user_id'),
      grantId: k.text('grant_id'),
      // By which tokens know their Session.
      uid: k.text('uid'),
      // The page session with which this ends; null for what lives on without one.
      sessionId: k.text('session_id'),
      // Hash of whence it was asked for, of what anybody may begin: a sign-in under way, a Session of nobody.
      source: k.text('source'),
      payload: k.json('payload').notNull(),
      consumedAt: k.time('consumed_at'),
      expiresAt: k.time('expires_at').notNull(),
    },
    (t) => [
      k.index('oidc_records_user').on(t.userId),
      k.index('oidc_records_grant').on(t.grantId),
      k.index('oidc_records_uid').on(t.uid),
      k.index('oidc_records_session').on(t.sessionId),
      k.index('oidc_records_source').on(t.source, t.expiresAt),
      k.index('oidc_records_expires').on(t.expiresAt),
    ],
  )

/** At which relying parties somebody is signed in by which page session, so that they are told when it ends. */
export const defineOidcSignIns = (k: Kit) =>
  k.table(
    'oidc_sign_ins',
    {
      // As the relying party knows it.
      sid: k.text('sid').primaryKey(),
      clientId: k.text('client_id').notNull(),
      userId: k.text('user_id').notNull(),
      sessionId: k.text('session_id').notNull(),
      createdAt: k.time('created_at').notNull(),
    },
    (t) => [k.index('oidc_sign_ins_user').on(t.userId), k.index('oidc_sign_ins_session').on(t.sessionId)],
  )

/** Keys that sign tokens: the public part for everybody, the private one sealed. */
export const defineOidcKeys = (k: Kit) =>
  k.table('oidc_keys', {
    id: k.text('id').primaryKey(),
    publicJwk: k.json('public_jwk').notNull(),
    sealed: k.text('sealed').notNull(),
    createdAt: k.time('created_at').notNull(),
    // From when on it signs; published before, so that relying parties know it by then.
    signsFrom: k.time('signs_from').notNull(),
  })
