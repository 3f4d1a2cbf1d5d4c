import { describe, expect, it } from 'vitest'
import type { Bus, Message } from '../../src/events/bus.ts'

/** A bus, as two processes have it; the same twice where there is only one. */
export interface Buses {
	here: Bus
	there: Bus
	/** What listeners threw, in either. */
	reported(): unknown[]
	/** Stops both. */
	stop(): Promise<void>
}

/** What every body of the bus must do. */
export function describeBus(name: string, open: () => Promise<Buses>): void {
	/** Listens, and has what it heard one after the other. */
	function listen(bus: Bus, channel: string) {
		const heard: Message[] = []
		const waiting: ((message: Message) => void)[] = []
		const subscription = bus.subscribe(channel, {
			hear(message) {
				const next = waiting.shift()
				if (next) next(message)
				else heard.push(message)
			},
		})
		const next = () => new Promise<Message>((resolve) => (heard.length > 0 ? resolve(heard.shift() as Message) : waiting.push(resolve)))
		return { ...subscription, heard, next }
	}

	describe(`the bus: ${name}`, () => {
		it('brings a message to all who listen, in this process and others, once and in order', async () => {
			const { here, there, stop } = await open()
			const listeners = [listen(here, 'a'), listen(here, 'a'), listen(there, 'a')]
			await Promise.all(listeners.map(({ active }) => active))
			for (let n = 1; n <= 100; n++) await here.publish('a', { n, text: '文' })
			for (const { next } of listeners) for (let n = 1; n <= 100; n++) expect(await next()).toEqual({ n, text: '文' })
			await here.publish('a', { last: true })
			for (const { next } of listeners) expect(await next()).toEqual({ last: true })
			await stop()
		})

		it('tells those in this process at once', async () => {
			const { here, stop } = await open()
			const { active, heard } = listen(here, 'a')
			await active
			const published = here.publish('a', { n: 1 })
			expect(heard).toEqual([{ n: 1 }])
			await published
			await stop()
		})

		it('keeps channels apart', async () => {
			const { here, there, stop } = await open()
			const [a, b] = [listen(there, 'a'), listen(there, 'b')]
			await Promise.all([a.active, b.active])
			await here.publish('a', { to: 'a' })
			await here.publish('b', { to: 'b' })
			expect(await b.next()).toEqual({ to: 'b' })
			expect(await a.next()).toEqual({ to: 'a' })
			expect([a.heard, b.heard]).toEqual([[], []])
			await stop()
		})

		it('tells nobody who left, and those who came again', async () => {
			const { here, there, stop } = await open()
			const [gone, stays] = [listen(there, 'a'), listen(there, 'b')]
			await Promise.all([gone.active, stays.active])
			gone.leave()
			const back = listen(there, 'a')
			await back.active
			await here.publish('a', { n: 1 })
			expect(await back.next()).toEqual({ n: 1 })
			back.leave()
			back.leave()
			await here.publish('a', { n: 2 })
			await here.publish('b', { n: 3 })
			expect(await stays.next()).toEqual({ n: 3 })
			expect([gone.heard, back.heard]).toEqual([[], []])
			await stop()
		})

		it('reports a listener that throws, and tells the others all the same', async () => {
			const { here, there, reported, stop } = await open()
			const broken = { hear: () => expect.fail('broken') }
			const subscriptions = [here.subscribe('a', broken), there.subscribe('a', broken)]
			const listeners = [listen(here, 'a'), listen(there, 'a')]
			await Promise.all([...subscriptions, ...listeners].map(({ active }) => active))
			await here.publish('a', { n: 1 })
			for (const { next } of listeners) expect(await next()).toEqual({ n: 1 })
			expect(reported().map(String)).toEqual(['AssertionError: broken', 'AssertionError: broken'])
			await stop()
		})

		it('tells nobody once it has stopped', async () => {
			const { here, there, stop } = await open()
			const [mine, theirs] = [listen(here, 'a'), listen(there, 'a')]
			await Promise.all([mine.active, theirs.active])
			await stop()
			await here.publish('a', { n: 1 })
			expect([mine.heard, theirs.heard]).toEqual([[], []])
		})
	})
}
