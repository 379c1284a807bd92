import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { run } from '#src/sandbox/run.ts'

const main = fileURLToPath(new URL('../../src/sandbox/main.ts', import.meta.url))

it('The sandbox plays its scene with nothing installed, tells what people read, and ends with 0', async () => {
  const { code, output } = await run(process.execPath, [main, '--script', '--built-in'])
  const [, told = ''] = output.split('#security at the end:')
  const lines = [
    /Disable User Account · Alice Nguyen · T-.{5}\* — Successful/u,
    /@ana approved: _seen the sign-ins, go_\./u,
    /✔ \*entra\* disabled `alice@corp\.example` .* disabled\. Its sessions were revoked\./u,
    /✔ \*okta\* disabled `alice@corp\.example` .* disabled\. Its sessions were revoked\./u,
    /Enable T-.{5} ended: ✅ Successful\./u,
    /entra: Alice's password signs her in/u,
    /okta: Alice's password signs her in/u,
  ]
  expect(lines.filter((line) => !line.test(told))).toEqual([])
  expect(code).toBe(0)
}, 90_000)
