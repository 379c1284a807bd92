import { describe } from 'vitest'
import { describeConnector } from '#test/contracts/connector.ts'
import { startOktaContract } from '#test/vendors/okta-fixture.ts'

describe('as a service app with a key', () => {
  describeConnector('okta', () => startOktaContract('key'))
})

describe('with an API token', () => {
  describeConnector('okta', () => startOktaContract('api_token'))
})
