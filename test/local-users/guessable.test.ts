import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { UserError } from '#src/errors.ts'
import { commonWords } from '#src/local-users/common-words.ts'
import { checkPassword } from '#src/local-users/password.ts'
import { secret } from '#src/secrets.ts'

const verdict = (password: string) => {
  try {
    checkPassword(secret(password), 'ann.lee@corp.example')
    return 'taken'
  } catch (error) {
    return error instanceof UserError ? error.code : error
  }
}

const words = [
  'able acid aged also area army away baby back ball band bank base bath bear beat been beer bell belt',
  'best bird blow blue boat body bone book boot born boss both bowl bulk burn bush busy cake call calm',
  'camp card care case cash cast cell chat chip city club coal coat code cold come cook cool cope copy',
  'core cost crew crop dark data date dawn dead deal dean dear debt deep deny desk dial diet disc dish',
  'door dose down draw dress drew drop drug dual duke dust duty each earn ease east easy edge else even',
  'ever evil exit face fact fail fair fall farm fast fate fear feed feel fell felt file fill film find',
  'fine fire firm fish flat flow food foot ford form fort four free from fuel full fund gain game gate',
  'gave gear gene gift girl give glad goal goes gold golf gone good gray great grew grey grow gulf hair',
  'half hall hand hang hard harm have head hear heat held hell help here hero high hill hire hold hole',
  'holy home hope host hour huge hung hunt hurt idea inch into iron item jack join jump jury keep kick',
  'kill kind king knee knew know lack lady lake land lane last late lead left less life lift like line',
  'link list live load loan lock logo long look lord lose loss lost love luck made mail main make male',
  'many mark mass meal mean meat meet menu mere mile milk mill mind mine miss mode mood moon more most',
  'move much must name navy near neck need news next nice nine none nose note okay once only onto open',
  'oral over pace pack page paid pain pair palm park part pass past path peak pick pink pipe plan play',
  'plot plug plus poll pool poor port post pull pure push race rail rain rank rare rate read real rear',
  'rely rent rest rice rich ride ring rise risk road rock role roll roof room root rope rose rule rush',
  'safe sake sale salt same sand save seat seed seek seem seen self sell send sent ship shop shot show',
  'shut sick side sign site size skin slip slow snow soft soil sold sole some song soon sort soul spot',
  'star stay step stop such suit sure take tale talk tall tank tape task team tech tell tend term test',
  'text than that them then they thin this thus till time tiny told toll tone took tool tour town tree',
  'trip true tune turn twin type unit upon used user vary vast very vice view vote wage wait wake walk',
  'wall want ward warm wash wave ways weak wear week well went were west what when whom wide wife wild',
  'will wind wine wing wire wise wish with wood word wore work yard yeah year your zero zone',
].flatMap((line) => line.split(' '))
const four = (from: readonly string[]) =>
  fc.uniqueArray(fc.constantFrom(...from), { minLength: 4, maxLength: 4 })

describe('A new password', () => {
  it.each([
    ...['abcdefghijkl', 'zyxwvutsrqponm', 'xyzabcdefghi', '234567890123', '210987654321', '135792468013'],
    ...['112233445566', 'aabbccddeeff', '147258369147', 'a1b2c3d4e5f6', '1a2b3c4d5e6f7g'],
    ...[
      '1qaz2wsx3edc',
      '!QAZ2wsx#EDC',
      'zaq12wsxcde3',
      'qazwsxedcrfv',
      'zse4xdr5cft6',
      'q1w2e3r4t5y6',
      '1q2w3e4r5t6y',
    ],
    ...['qwertyuiop12', 'poiuytrewq99', 'Qwertzuiop2026', 'azertyuiop12', '!@#$%^&*()_+', 'asdfghjkl;12'],
    ...[
      'P@ssw0rd1234',
      'Passw0rd2026',
      'p455w0rd!!!!',
      'pass word 1234',
      'P.a.s.s.w.o.r.d.1',
      'We1c0me!2026',
      '1l0vey0u!!!!',
    ],
    ...['Summer2026!!', 'Winter-2025-26', 'November2026', 'Monday123456', 'May2026May2026', 'August!19871'],
    ...[
      'Company2026!',
      'Drawbridge#1',
      'Corp-2026-Corp',
      '@nnL33-C0rp!!',
      'Welcome_Admin1',
      'elephantelephant',
      'hello1hello12',
    ],
    ...['correct horse battery staple', 'MayTheForceBeWithYou', 'administrator1', 'Chocolate1999'],
  ])('is refused where guessing begins with it: %s', (password) => {
    expect(verdict(password)).toBe('not_understood')
  })

  it.each([
    ...[
      'violet tractor under ice',
      'пароль из трёх слов',
      'seven green umbrellas sing',
      'xK9#mQ2$vL7p',
      'were tree drew liberty',
    ],
    ...[
      'summer sunshine football dragon',
      '山川草木鳥獣虫魚花月風雪',
      '🦊🐢🌵🎈🧦🪁🥁🧭🪐🫖🧶🪤',
      'the 1987 lighthouse keeper',
      'abcd lantern quiver',
    ],
  ])('is taken where it is hard to guess: %s', (password) => {
    expect(verdict(password)).toBe('taken')
  })

  const wellKnown = commonWords.filter((word) => /^\p{L}{4,9}$/u.test(word))
  const phrase = fc.oneof(
    four(words).map((chosen) => chosen.join('')),
    fc
      .tuple(four([...words, ...wellKnown]), fc.constantFrom(' ', '-', '.', ', ', '7'))
      .map(([chosen, gap]) => chosen.join(gap)),
  )

  it('is taken wherever it is four words, also where well-known ones are among them', () => {
    fc.assert(
      fc.property(phrase, (password) => {
        expect(verdict(password)).toBe('taken')
      }),
      { numRuns: 1_000 },
    )
  })

  it('is taken wherever a generator drew it', () => {
    const character = fc.integer({ min: 33, max: 126 }).map((at) => String.fromCodePoint(at))
    const drawn = fc.noBias(fc.array(character, { minLength: 16, maxLength: 32 })).map((all) => all.join(''))
    fc.assert(
      fc.property(drawn, (password) => {
        expect(verdict(password)).toBe('taken')
      }),
    )
  })
})
