import { secret } from '#src/secrets.ts'

/** The `mail` section for a server. */
export const mailSettings = (url: string) => ({
  smtpUrl: secret(url),
  from: 'Drawbridge <no-reply@corp.example>',
})
