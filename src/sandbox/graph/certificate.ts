import { mustRun } from '#src/sandbox/run.ts'

/** A certificate of the app with its key. */
export interface AppCertificate {
  readonly certificatePem: string
  readonly privateKeyPem: string
  /** Both in one file, as `certificate_file` wants them. */
  readonly pem: string
}

/** Makes a self-signed certificate with an RSA key. Needs the openssl program. */
export async function makeAppCertificate(options: {
  readonly days?: number
  readonly name?: string
}): Promise<AppCertificate> {
  const output = await mustRun('openssl', [
    'req',
    '-x509',
    '-newkey',
    'rsa:2048',
    '-nodes',
    '-keyout',
    '-',
    '-out',
    '-',
    '-subj',
    `/CN=${options.name ?? 'drawbridge'}`,
    '-addext',
    'subjectAltName=IP:127.0.0.1',
    '-days',
    String(options.days ?? 180),
  ])
  const certificatePem = block(output, 'CERTIFICATE')
  const privateKeyPem = block(output, 'PRIVATE KEY')
  return { certificatePem, privateKeyPem, pem: `${privateKeyPem}${certificatePem}` }
}

function block(text: string, name: string): string {
  const found = new RegExp(`-----BEGIN ${name}-----[^-]+-----END ${name}-----\n`, 'u').exec(text)?.[0]
  if (found === undefined) throw new Error(`openssl made no ${name}`)
  return found
}
