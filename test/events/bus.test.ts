import { createMemoryBus } from '../../src/events/bus.ts'
import { describeBus } from './bus-suite.ts'

describeBus('in memory', async () => {
	const reported: unknown[] = []
	const bus = createMemoryBus({ report: (error) => reported.push(error) })
	return { here: bus, there: bus, reported: () => reported, stop: bus.stop }
})
