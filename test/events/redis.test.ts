import { describe } from 'vitest'
import { describeBus } from './bus-suite.ts'
import { describeEventLog } from './event-log-suite.ts'
import { startTwo } from './redis-process.ts'

const url = process.env['TEST_REDIS_URL'] ?? ''

describe.skipIf(!url)('on Redis (TEST_REDIS_URL)', () => {
	describeEventLog('one process', async () => {
		const { one, stop } = await startTwo(url)
		return { writer: one.log, reader: one.log, stop }
	})

	describeEventLog('from process to process', async () => {
		const { one, two, stop } = await startTwo(url)
		return { writer: one.log, reader: two.log, stop }
	})

	describeBus('from process to process', async () => {
		const { one, two, stop } = await startTwo(url)
		return { here: one.bus, there: two.bus, reported: () => [...one.reported, ...two.reported], stop }
	})
})
