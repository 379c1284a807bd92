import { createHash, generateKeyPairSync, randomBytes, sign } from 'node:crypto'
import type { PasskeyQuestion } from '#src/sign-in/passkeys.ts'

const sha256 = (bytes: Buffer | string): Buffer => createHash('sha256').update(bytes).digest()
const text = (bytes: Buffer): string => bytes.toString('base64url')

/** What an attacker, or a worn key, does otherwise than it should. */
interface Twist {
  /** The page on which it is used. */
  readonly origin?: string
  readonly rpId?: string
  readonly challenge?: string
  /** What the key says how often it was used. */
  readonly counter?: number
  /** Whether it saw who held it. */
  readonly seesPerson?: boolean
}

/** A passkey in software (WebAuthn level 3, ES256, no attestation), for what a real browser would never send. */
export function createPasskey(site = 'https://access.corp.example') {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const id = randomBytes(16)
  const own = { counter: 0 }
  const point = publicKey.export({ format: 'jwk' })
  const coordinate = (value = '') => Buffer.from(value, 'base64url')
  // RFC 9052: kty EC2, alg ES256, crv P-256, x, y.
  const cose = Buffer.concat([
    Buffer.from('a5010203262001215820', 'hex'),
    coordinate(point.x),
    Buffer.from('225820', 'hex'),
    coordinate(point.y),
  ])
  const parts = (question: PasskeyQuestion, type: string, twist: Twist, attested: Buffer) => {
    const { origin = new URL(site).origin, rpId = new URL(site).hostname } = twist
    const challenge = twist.challenge ?? question.options.challenge
    const clientData = Buffer.from(JSON.stringify({ type, challenge, origin, crossOrigin: false }))
    own.counter = twist.counter ?? own.counter + 1
    const counter = Buffer.alloc(4)
    counter.writeUInt32BE(own.counter)
    const flags = 1 | ((twist.seesPerson ?? true) ? 4 : 0) | (attested.length > 0 ? 64 : 0)
    return { clientData, data: Buffer.concat([sha256(rpId), Buffer.from([flags]), counter, attested]) }
  }
  const answerWith = (response: object) => ({
    id: text(id),
    rawId: text(id),
    type: 'public-key',
    response,
    clientExtensionResults: {},
  })
  return {
    /** The answer to `navigator.credentials.create`. */
    create(question: PasskeyQuestion, twist: Twist = {}): unknown {
      const attested = Buffer.concat([Buffer.alloc(16), Buffer.from([0, id.length]), id, cose])
      const { clientData, data } = parts(question, 'webauthn.create', { counter: 0, ...twist }, attested)
      const length = Buffer.alloc(2)
      length.writeUInt16BE(data.length)
      // CBOR: { fmt: "none", attStmt: {}, authData: bytes }
      const head = `a363666d74646e6f6e656761747453746d74a0${Buffer.from('hauthData').toString('hex')}59`
      const attestationObject = Buffer.concat([Buffer.from(head, 'hex'), length, data])
      return answerWith({
        clientDataJSON: text(clientData),
        attestationObject: text(attestationObject),
        transports: ['internal'],
      })
    },
    /** The answer to `navigator.credentials.get`. */
    show(question: PasskeyQuestion, twist: Twist = {}): unknown {
      const { clientData, data } = parts(question, 'webauthn.get', twist, Buffer.alloc(0))
      const signature = sign('sha256', Buffer.concat([data, sha256(clientData)]), privateKey)
      return answerWith({
        clientDataJSON: text(clientData),
        authenticatorData: text(data),
        signature: text(signature),
        userHandle: null,
      })
    },
  }
}
