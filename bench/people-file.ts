const first =
  'anna bert clara dieter emil frieda gustav hanna ida jonas karl lena max nora otto paula quirin rosa sven tina'
const last =
  'mueller schmidt fischer weber wagner becker hoffmann koch bauer richter klein wolf schroeder neumann schwarz braun'
const work =
  'sales,purchasing,finance,legal,support,research,production,logistics,marketing,training,security,audit'
const places = 'Berlin,Oslo,Porto,Gdansk,Leeds,Lyon,Turin'

/** A file of so many people with names, work and places as people have them, spread over so many groups. */
export function namedPeople(count: number, groups: number): Buffer {
  const pick = (of: readonly string[], i: number) => of[i % of.length] ?? ''
  const [firsts, lasts] = [first.split(' '), last.split(' ')]
  const [works, cities] = [work.split(','), places.split(',')]
  const lines = Array.from({ length: count }, (_, i) => {
    const email = `${pick(firsts, i)}.${pick(lasts, Math.floor(i / firsts.length))}.${i}@corp.example`
    return `${email},${pick(works, i * 7 + Math.floor(i / 240))} in ${pick(cities, i * 3 + Math.floor(i / 84))},team ${i % groups}`
  })
  return Buffer.from(['email,description,groups', ...lines].join('\r\n'))
}
