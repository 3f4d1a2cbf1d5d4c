import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { AppError } from '../../src/errors.ts'
import type { EventLog, LogEntry } from '../../src/events/event-log.ts'
import { openRedis, RedisRefused } from '../../src/events/redis.ts'
import { createTopics, type Topics } from '../../src/events/topics.ts'
import { freePort } from '../support/free-port.ts'
import type { Word } from './event-log-suite.ts'
import { newPrefix, type RedisProcess, startProcess, startTwo } from './redis-process.ts'
import { hasRedisServer, type RedisServer, startRedisServer } from './redis-server.ts'

/** Shorter than in production, so that a failure is waited for less long. */
const LIMITS = { limitMs: 400, patienceMs: 3_000 }
const forever = new AbortController().signal

const words = {
	supersededBy: () => null,
	encode: (event: Word) => event,
	decode: (message: object) => message as Word,
	missed: { word: 'missed' },
}

const unavailable = (error: unknown): boolean => error instanceof AppError && error.code === 'UNAVAILABLE'

describe.skipIf(!hasRedisServer)('while Redis fails (redis-server)', () => {
	let server: RedisServer
	let two: Awaited<ReturnType<typeof startTwo>>
	let [writer, reader] = [undefined, undefined] as unknown as [RedisProcess, RedisProcess]

	beforeEach(async () => {
		server = await startRedisServer()
		two = await startTwo(server.url, LIMITS)
		;[writer, reader] = [two.one, two.two]
	})
	afterEach(async () => {
		server.thaw()
		await two.stop()
		await server.end()
	})

	async function add(words: string): Promise<void> {
		for (const word of words.split(' ')) await writer.log.append('run', { word })
	}

	async function follow(log: EventLog<Word>, after = 0): Promise<AsyncIterator<LogEntry<Word>>> {
		const entries = await log.read('run', after, forever)
		if (!entries) throw new Error('unknown')
		return entries[Symbol.asyncIterator]()
	}

	async function take(entries: AsyncIterator<LogEntry<Word>>, count = Number.POSITIVE_INFINITY): Promise<string> {
		const seen: string[] = []
		while (seen.length < count) {
			const { done, value } = await entries.next()
			if (done) break
			seen.push(`${value.sequence}:${value.event.word}`)
		}
		return seen.join(' ')
	}

	const bothAreBack = () => Promise.all([writer.hasReported('is back'), reader.hasReported('is back')])

	it('brings a run to its readers elsewhere without gap or repetition, though the server is killed and comes back empty', async () => {
		await add('a b')
		const [own, other] = [await follow(writer.log), await follow(reader.log)]
		expect(await take(other, 2)).toBe('1:a 2:b')
		const rest = take(other)
		await server.kill()
		await add('c d')
		expect(await take(own, 4)).toBe('1:a 2:b 3:c 4:d')
		await server.start()
		await add('e')
		await writer.log.finish('run')
		expect(await rest).toBe('3:c 4:d 5:e')
		expect(await take(await follow(reader.log))).toBe('1:a 2:b 3:c 4:d 5:e')
		expect(await take(own)).toBe('5:e')
	})

	it('brings a run that ended while the server was away', async () => {
		await add('a')
		const rest = take(await follow(reader.log))
		await server.kill()
		await add('b')
		await writer.log.finish('run')
		await server.start()
		expect(await rest).toBe('1:a 2:b')
	})

	it('goes on after the server stood still', async () => {
		await add('a')
		const rest = take(await follow(reader.log))
		server.freeze()
		await add('b c')
		await Promise.all([writer.hasReported('cannot be reached'), reader.hasReported('cannot be reached')])
		await add('d')
		server.thaw()
		await writer.log.finish('run')
		expect(await rest).toBe('1:a 2:b 3:c 4:d')
	})

	it('wakes readers elsewhere when the server is back, whichever of their connections comes first', async () => {
		await add('a')
		const patient = await startProcess(server.url, { prefix: two.prefix, ...LIMITS, patienceMs: 1_000_000 })
		const other = await follow(patient.log)
		expect(await take(other, 1)).toBe('1:a')
		const next = other.next()
		await server.kill()
		await add('b')
		await server.start()
		expect((await next).value).toEqual({ sequence: 2, event: { word: 'b' } })
		await patient.stop()
	})

	it('lets runs begin, and be followed where they are, without a server; others are told that it is missing', async () => {
		await server.kill()
		await reader.hasReported('cannot be reached')
		await add('a b')
		await writer.log.finish('run')
		expect(await take(await follow(writer.log))).toBe('1:a 2:b')
		await expect(reader.log.read('run', 0, forever)).rejects.toSatisfy(unavailable)
		await expect(reader.log.finish('run')).rejects.toSatisfy(unavailable)
	})

	it('fails a reader elsewhere when the server stays away', async () => {
		await add('a')
		const other = await follow(reader.log)
		expect(await take(other, 1)).toBe('1:a')
		await server.kill()
		await expect(other.next()).rejects.toSatisfy(unavailable)
	})

	it('ends a reader whose stream the server lost together with its writer', async () => {
		await add('a')
		const other = await follow(reader.log)
		expect(await take(other, 1)).toBe('1:a')
		await writer.stop()
		await server.kill()
		await server.start()
		expect((await other.next()).done).toBe(true)
		expect(await reader.log.read('run', 0, forever)).toBeNull()
	})

	it('ends a reader whose writer has not been heard of for long, so that a stream is not waited for that nobody writes', async () => {
		await add('a')
		const other = await follow(reader.log)
		expect(await take(other, 1)).toBe('1:a')
		await writer.stop()
		const twoMinutesAgo = (60 - 2) * 60_000 // a sign of life keeps a stream for an hour
		await reader.redis.send('PEXPIRE', reader.redis.name('stream:run'), String(twoMinutesAgo))
		expect((await other.next()).done).toBe(true)
	})

	it('says so once when the memory of the server is full, and goes on when there is room', async () => {
		await add('a')
		const rest = take(await follow(reader.log))
		await writer.redis.send('CONFIG', 'SET', 'maxmemory', '1')
		await add('b c d')
		await writer.hasReported('does not take the events of runs: OOM')
		await writer.log.finish('run')
		expect(await take(await follow(writer.log))).toBe('1:a 2:b 3:c 4:d')
		await writer.redis.send('CONFIG', 'SET', 'maxmemory', '0')
		expect(await rest).toBe('1:a 2:b 3:c 4:d')
		expect(writer.reported).toHaveLength(1)
	})

	it.each(['killed', 'frozen'])('fails commands within the limit while the server is %s, then works again by itself', async (how) => {
		await two.one.redis.ping()
		if (how === 'killed') await server.kill()
		else server.freeze()
		await expect(writer.redis.ping()).rejects.toSatisfy(unavailable)
		await expect(writer.redis.send('GET', 'a')).rejects.toSatisfy(unavailable)
		await writer.hasReported('cannot be reached')
		if (how === 'killed') await server.start()
		else server.thaw()
		await writer.hasReported('is back')
		await writer.redis.ping()
		expect(writer.reported).toHaveLength(2)
	})

	it('starts without a server, and finds it when it comes', async () => {
		await server.kill()
		const late = await startProcess(server.url, { prefix: newPrefix(), ...LIMITS })
		await expect(late.redis.ping()).rejects.toSatisfy(unavailable)
		expect(late.reported).toEqual([expect.stringContaining('ECONNREFUSED')])
		await server.start()
		await late.hasReported('is back')
		await late.redis.ping()
		await late.stop()
	})

	it('starts though the server answers nothing', async () => {
		server.freeze()
		const late = await startProcess(server.url, { prefix: newPrefix(), ...LIMITS })
		await expect(late.redis.ping()).rejects.toSatisfy(unavailable)
		server.thaw()
		await late.hasReported('is back')
		await late.stop()
	})

	it('tells those who listen to read again, when the server was away', async () => {
		const heard: object[] = []
		const again = Promise.withResolvers<void>()
		const { active } = reader.bus.subscribe('a', { hear: (message) => heard.push(message), resync: again.resolve })
		await active
		await server.kill()
		await writer.bus.publish('a', { n: 1 })
		await server.start()
		await again.promise
		expect(heard).toEqual([])
	})

	it('tells those who listen to read again, when only the one who told them was away', async () => {
		const again = Promise.withResolvers<void>()
		await reader.bus.subscribe('a', { hear: () => undefined, resync: again.resolve }).active
		await reader.redis.send('CLIENT', 'PAUSE', '1000000', 'WRITE')
		await writer.bus.publish('a', { n: 1 })
		await reader.redis.send('CLIENT', 'UNPAUSE')
		await again.promise
	})

	it('tells the subscribers of topics, and only those who were there before, that they may have missed something', async () => {
		const topics = [writer, reader].map(({ bus }) => createTopics<Word>({ bus, ...words })) as [Topics<Word>, Topics<Word>]
		const events = (await topics[1].subscribe('t', forever))[Symbol.asyncIterator]()
		await topics[0].publish('t', { word: 'a' })
		expect((await events.next()).value).toEqual({ word: 'a' })
		await server.kill()
		await topics[0].publish('t', { word: 'lost' })
		await topics[1].publish('t', { word: 'own' })
		expect((await events.next()).value).toEqual({ word: 'own' })
		await server.start()
		expect((await events.next()).value).toEqual(words.missed)
		const late = (await topics[1].subscribe('t', forever))[Symbol.asyncIterator]()
		await bothAreBack()
		await topics[0].publish('t', { word: 'b' })
		for (const subscriber of [events, late]) {
			let next = (await subscriber.next()).value
			while (next === words.missed) next = (await subscriber.next()).value // the one who published was away too
			expect(next).toEqual({ word: 'b' })
		}
		await Promise.all(topics.map((each) => each.stop()))
	})

	it('lets this process hear itself while the server is away, and joins channels when it is back', async () => {
		await server.kill()
		await writer.hasReported('cannot be reached')
		const heard: object[] = []
		const again = Promise.withResolvers<void>()
		await writer.bus.subscribe('a', { hear: (message) => heard.push(message), resync: again.resolve }).active
		await writer.bus.publish('a', { n: 1 })
		expect(heard).toEqual([{ n: 1 }])
		await server.start()
		await again.promise
		await bothAreBack()
		await reader.bus.publish('a', { n: 2 })
		await writer.redis.ping()
		expect(heard).toEqual([{ n: 1 }, { n: 2 }])
	})

	it('does not wait long for a server that is away when it stops', async () => {
		await add('a')
		server.freeze()
		await add('b')
		await writer.log.finish('run')
		await writer.stop()
	})
})

describe.skipIf(!hasRedisServer)('a Redis that refuses us (redis-server)', () => {
	it.each([
		['another password', 'redis://:wrong@'],
		['another user', 'redis://nobody:secret@'],
		['no password', 'redis://'],
	])('is told at once with %s, without a word of it', async (_name, start) => {
		const server = await startRedisServer('--requirepass', 'secret')
		const url = server.url.replace('redis://', start)
		const refused = await openRedis({ url, report: () => undefined }).catch((error: unknown) => error)
		expect(refused).toBeInstanceOf(RedisRefused)
		expect(String(refused)).not.toMatch(/wrong|secret|nobody/)
		const redis = await openRedis({ url: server.url.replace('redis://', 'redis://:secret@'), report: () => undefined })
		await redis.ping()
		await redis.close()
		await server.end()
	})

	it('is told at once for a database that it has not got', async () => {
		const server = await startRedisServer()
		for (const database of ['99', 'db'])
			await expect(openRedis({ url: server.url.replace(/0$/, database), report: () => undefined })).rejects.toThrow(RedisRefused)
		await server.end()
	})

	it('is not the same as one that is not there', async () => {
		const reported: string[] = []
		const redis = await openRedis({ url: `redis://:secret@127.0.0.1:${await freePort()}`, report: (problem) => reported.push(problem) })
		expect(reported).toEqual([expect.not.stringContaining('secret')])
		await redis.close()
	})
})
