// RFC 4511 section 5.1: a message is a BER SEQUENCE with a definite length. No answer that we ask for is near this.
const largestMessage = 32 * 1024 * 1024
const sequenceTag = 0x30

/**
 * Watches a stream of LDAP messages and answers false as soon as it holds something else, or a message of absurd
 * size. The library waits for ever in that case.
 */
export function createFrameCheck(): (chunk: Buffer) => boolean {
  let head = Buffer.alloc(0)
  let rest = 0
  return (chunk) => {
    let at = 0
    while (at < chunk.length) {
      if (rest > 0) {
        const taken = Math.min(rest, chunk.length - at)
        rest -= taken
        at += taken
        continue
      }
      head = Buffer.concat([head, chunk.subarray(at, at + 1)])
      at += 1
      const length = messageLength(head)
      if (length === 'more') continue
      if (length === 'wrong') return false
      rest = length
      head = Buffer.alloc(0)
    }
    return true
  }
}

/** The length after the tag and length bytes in `head`, once they are all there. */
export function messageLength(head: Buffer): number | 'more' | 'wrong' {
  if (head[0] !== sequenceTag) return 'wrong'
  const first = head[1]
  if (first === undefined) return 'more'
  if (first < 0x80) return first
  const count = first - 0x80
  if (count < 1 || count > 4) return 'wrong'
  if (head.length < 2 + count) return 'more'
  const length = head.readUIntBE(2, count)
  return length > largestMessage ? 'wrong' : length
}
