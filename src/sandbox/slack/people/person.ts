import { type Eyes, eyesOf } from '#src/sandbox/slack/people/eyes.ts'
import { type Hands, handsOf } from '#src/sandbox/slack/people/hands.ts'
import type { Self } from '#src/sandbox/slack/people/self.ts'

/** Somebody at the keyboard. */
export interface Person extends Hands, Eyes {
  readonly userId: string
}

/** Gives a person's hands and eyes. */
export function personOf(around: Omit<Self, 'userId'>, userId: string): Person {
  const self = { ...around, userId }
  return { userId, ...handsOf(self), ...eyesOf(self) }
}
