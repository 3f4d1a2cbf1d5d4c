import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openRedis, type Redis } from '../../src/events/redis.ts'
import { createLimits, type Limits, type Standing } from '../../src/limits/limits.ts'
import { createMemoryStore } from '../../src/limits/memory-store.ts'

const SERVER = process.env['TEST_REDIS_URL']
const perMinute = { auth: 3, chat: 2, upload: 0, default: 100 }
const prefix = () => `limits_${randomBytes(6).toString('hex')}`
const silent = () => undefined

/** Limits whose time is set. */
interface Body {
	limits: Limits
	/** The same limits in another process. */
	elsewhere: Limits
	clock: { now: number }
	end(): Promise<void>
}

const bodies: [name: string, isThere: boolean, open: () => Promise<Body>][] = [
	[
		'in memory',
		true,
		async () => {
			const clock = { now: Date.now() }
			const limits = createLimits({ perMinute, now: () => clock.now, report: silent })
			return { limits, elsewhere: limits, clock, end: async () => undefined }
		},
	],
	[
		'in Redis (TEST_REDIS_URL)',
		SERVER !== undefined,
		async () => {
			const clock = { now: Date.now() }
			const options = { url: SERVER ?? '', prefix: prefix(), report: silent }
			const [here, there] = await Promise.all([openRedis(options), openRedis(options)])
			const over = (redis: Redis) =>
				createLimits({ perMinute, redis, now: () => clock.now, report: (error) => expect.fail(`reported: ${String(error)}`) })
			return { limits: over(here), elsewhere: over(there), clock, end: async () => void (await Promise.all([here.close(), there.close()])) }
		},
	],
]

describe.each(bodies)('limits %s', (_name, isThere, open) => {
	let body: Body
	beforeAll(async () => {
		if (isThere) body = await open()
	})
	afterAll(() => body?.end())

	const spend = async (caller: string, limits = body.limits): Promise<Standing> => {
		const standing = await limits.spend('auth', caller)
		if (!standing) throw new Error('no limit')
		return standing
	}

	it.skipIf(!isThere)('count down, refuse, and say when the window ends', async () => {
		expect(await spend('a')).toEqual({ quota: 3, remaining: 2, resetSeconds: 60, isOver: false })
		body.clock.now += 20_500
		expect(await spend('a')).toEqual({ quota: 3, remaining: 1, resetSeconds: 40, isOver: false })
		expect(await spend('a')).toEqual({ quota: 3, remaining: 0, resetSeconds: 40, isOver: false })
		expect(await spend('a')).toEqual({ quota: 3, remaining: 0, resetSeconds: 40, isOver: true })
		body.clock.now += 39_400
		expect(await spend('a')).toEqual({ quota: 3, remaining: 0, resetSeconds: 1, isOver: true })
	})

	it.skipIf(!isThere)('begin anew when the window has ended, however much was refused', async () => {
		for (let call = 0; call < 10; call++) await spend('b')
		body.clock.now += 59_999
		expect((await spend('b')).isOver).toBe(true)
		body.clock.now += 1
		expect(await spend('b')).toEqual({ quota: 3, remaining: 2, resetSeconds: 60, isOver: false })
	})

	it.skipIf(!isThere)('count callers, and classes, apart', async () => {
		for (let call = 0; call < 4; call++) await spend('c')
		expect((await spend('d')).remaining).toBe(2)
		expect((await body.limits.spend('chat', 'c'))?.remaining).toBe(1)
		expect((await body.limits.spend('default', 'c'))?.remaining).toBe(99)
	})

	it.skipIf(!isThere)('count each of many calls at once', async () => {
		const standings = await Promise.all(Array.from({ length: 20 }, () => spend('e')))
		expect(standings.filter(({ isOver }) => !isOver)).toHaveLength(3)
	})

	it.skipIf(!isThere)('are none where the limit is 0', () => {
		expect(body.limits.spend('upload', 'a')).toBeUndefined()
	})

	it.skipIf(!isThere)('hold in all processes', async () => {
		await spend('f')
		await spend('f', body.elsewhere)
		await spend('f')
		expect((await spend('f', body.elsewhere)).isOver).toBe(true)
		expect((await spend('f')).isOver).toBe(true)
	})

	it.skipIf(!isThere)('take any text for a caller', async () => {
		for (const caller of ['', '2001:db8:0:1::/64', '*', 'a b\r\nc', '__proto__']) expect((await spend(caller)).remaining, caller).toBe(2)
	})
})

describe('the memory of limits', () => {
	const calls = (store: ReturnType<typeof createMemoryStore>, from: number, to: number) =>
		Promise.all(Array.from({ length: to - from }, (_, index) => store.count(String(from + index))))

	it('is bounded: of too many callers the first are forgotten', async () => {
		const store = createMemoryStore({ windowMs: 60_000, now: () => 0, maxCallers: 100 })
		await calls(store, 0, 1_000)
		expect(store.size()).toBeLessThanOrEqual(100)
		for (let caller = 950; caller < 1_000; caller++) expect((await store.count(String(caller)))[0]).toBe(2)
		expect((await store.count('0'))[0]).toBe(1)
	})

	it('forgets callers whose window has ended as others come, and no others', async () => {
		const clock = { now: 0 }
		const store = createMemoryStore({ windowMs: 60_000, now: () => clock.now })
		await calls(store, 0, 100)
		clock.now += 59_999
		await store.count('late')
		clock.now += 1
		await calls(store, 100, 200)
		expect(await store.count('late')).toEqual([2, 59_999])
		clock.now += 60_000
		await store.count('another')
		expect(store.size()).toBe(101)
		clock.now += 120_000
		await store.count('another')
		expect(store.size()).toBe(1)
	})
})

/** A way to Redis that can be cut, or fall silent. */
async function openProxy(url: string) {
	const { hostname, port } = new URL(url)
	const sockets = new Set<Socket>()
	let isSilent = false
	const server = createServer((client) => {
		const upstream = connect(Number(port), hostname)
		const ways = [
			[client, upstream],
			[upstream, client],
		] as const
		for (const [from, to] of ways) {
			sockets.add(from)
			from.on('data', (bytes) => !isSilent && to.write(bytes))
			from.on('close', () => to.destroy()).on('error', () => to.destroy())
		}
	})
	await once(server.listen(0, '127.0.0.1'), 'listening')
	return {
		url: `redis://127.0.0.1:${(server.address() as AddressInfo).port}`,
		fallSilent() {
			isSilent = true
		},
		async close() {
			const closed = once(server, 'close')
			server.close()
			for (const socket of sockets) socket.destroy()
			await closed
		},
	}
}

describe.skipIf(!SERVER)('limits without their Redis (TEST_REDIS_URL)', () => {
	it.each(['cut off', 'silent'] as const)('go on counting here while it is %s', async (how) => {
		const proxy = await openProxy(SERVER ?? '')
		const redis = await openRedis({ url: proxy.url, prefix: prefix(), report: silent })
		const reported: unknown[] = []
		const limits = createLimits({ perMinute, redis, now: () => 0, report: (error) => reported.push(error) })
		const spend = () => limits.spend('auth', 'a')

		expect(await spend()).toMatchObject({ remaining: 2 })
		if (how === 'silent') proxy.fallSilent()
		else await proxy.close()
		expect(await spend()).toMatchObject({ remaining: 1 })
		expect(await Promise.all([spend(), spend(), spend()])).toMatchObject([{ isOver: false }, { isOver: true }, { isOver: true }])
		expect(reported).toEqual([])
		await redis.close()
		if (how === 'silent') await proxy.close()
	})

	it('tell once when it refuses the command', async () => {
		const redis = await openRedis({ url: SERVER ?? '', prefix: prefix(), report: silent })
		const key = redis.name('limits:auth:a')
		await redis.send('SET', key, 'no hash')
		const reported: unknown[] = []
		const limits = createLimits({ perMinute, redis, now: () => 0, report: (error) => reported.push(error) })
		expect(await limits.spend('auth', 'a')).toMatchObject({ remaining: 2 })
		expect(await limits.spend('auth', 'a')).toMatchObject({ remaining: 1 })
		expect(reported).toHaveLength(1)
		expect(String(reported[0])).toContain('WRONGTYPE')
		await redis.send('DEL', key)
		await redis.close()
	})
})
