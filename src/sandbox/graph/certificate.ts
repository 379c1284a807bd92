import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { mustRun } from '#src/sandbox/run.ts'

/** A certificate of the app with its key. */
export interface AppCertificate {
  readonly certificatePem: string
  readonly privateKeyPem: string
  /** Both in one file, as `certificate_file` wants them. */
  readonly pem: string
}

/** Makes a self-signed certificate with an RSA key; with negative `days` it has ended. Needs the openssl program. */
export async function makeAppCertificate(options: {
  readonly days?: number
  readonly name?: string
}): Promise<AppCertificate> {
  const { days = 180, name = 'drawbridge' } = options
  const folder = await mkdtemp(join(tmpdir(), 'drawbridge-certificate-'))
  const [key = '', request = '', certificate = ''] = ['key', 'csr', 'pem'].map((one) => join(folder, one))
  try {
    const extension = ['-addext', 'subjectAltName=IP:127.0.0.1']
    const files = ['-keyout', key, '-out', request]
    await mustRun('openssl', [
      'req',
      '-new',
      '-newkey',
      'rsa:2048',
      '-nodes',
      ...files,
      '-subj',
      `/CN=${name}`,
      ...extension,
    ])
    const signed = ['-signkey', key, '-copy_extensions', 'copy', '-days', String(days), '-out', certificate]
    await mustRun('openssl', ['x509', '-req', '-in', request, ...signed])
    const [privateKeyPem, certificatePem] = await Promise.all([
      readFile(key, 'utf8'),
      readFile(certificate, 'utf8'),
    ])
    return { certificatePem, privateKeyPem, pem: `${privateKeyPem}${certificatePem}` }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
