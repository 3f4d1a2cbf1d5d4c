import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { createApp } from '../../src/app.ts'
import { ConfigError } from '../../src/config.ts'
import type { Body } from '../../src/database/body.ts'
import { type Database, openDatabase } from '../../src/database/database.ts'
import { retried } from '../../src/database/errors.ts'
import { openPostgres, RefusedError, UnreachableError } from '../../src/database/postgres.ts'
import { publicError, Unavailable } from '../../src/errors.ts'
import { startJobs } from '../../src/jobs/jobs.ts'
import { configFor } from '../support/config.ts'
import { login } from '../support/operations.ts'
import { ownPostgres, type PostgresServer } from '../support/postgres.ts'
import { runServer } from '../support/process.ts'
import { surfaces } from '../support/surfaces.ts'

const binaries = process.env['TEST_POSTGRES_BIN'] ?? ''
/** Nobody is there: what needs the index waits or fails, what does not works. */
const NOWHERE = '127.0.0.1:9'
const SECRET = 'of the tests: thirty-two characters'

describe.skipIf(!binaries)('PostgreSQL (TEST_POSTGRES_BIN)', { timeout: 60_000 }, () => {
	let server: PostgresServer
	let directory: string
	const cleanups: (() => Promise<void>)[] = []
	beforeAll(async () => {
		directory = await mkdtemp(path.join(tmpdir(), 'postgres-test-'))
		server = await ownPostgres(binaries, process.env['TEST_SERVICE_USER'])
		await server.start()
	})
	afterEach(async () => {
		for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
	})
	afterAll(async () => {
		await server.end()
		await rm(directory, { recursive: true, force: true })
	})

	/** Hears what is reported, and waits for it. */
	function recorder() {
		const reports: string[] = []
		let read = 0
		let ring = Promise.withResolvers<void>()
		return {
			reports,
			report(problem: string) {
				reports.push(problem)
				ring.resolve()
				ring = Promise.withResolvers()
			},
			/** Among what nobody has waited for yet. */
			async heard(words: string) {
				while (!reports.slice(read).some((report) => report.includes(words))) await ring.promise
				read = reports.findIndex((report, at) => at >= read && report.includes(words)) + 1
			},
		}
	}

	async function open() {
		const { report, heard, reports } = recorder()
		const database = await openDatabase({ url: server.url, directory, durable: true, report })
		cleanups.push(database.close)
		return { database, heard, reports }
	}

	describe('a start', () => {
		const changed = (change: (url: URL) => void) => {
			const url = new URL(server.url)
			change(url)
			return url.href
		}
		const wrong = {
			'with a wrong password': [
				() => changed((url) => (url.password = 'my-wrong-password')),
				/127\.0\.0\.1:\d+ refuses the user name or the password/,
			],
			'without a password': [() => changed((url) => (url.password = '')), /asks for a password, and the URL has none/],
			'of a user that is not there': [() => changed((url) => (url.username = 'nobody')), /refuses the user name or the password/],
			'on a database that is not there': [() => changed((url) => (url.pathname = '/nothing')), /there is no such database .*"nothing"/],
			'with TLS where there is none': [() => changed((url) => url.searchParams.set('sslmode', 'verify-full')), /does not speak TLS/],
		} as const

		it.each(Object.entries(wrong))('%s is refused in clear words', async (_, [url, words]) => {
			const refusal = await failureOf(openPostgres({ url: url(), report: () => undefined }))
			expect(refusal).toBeInstanceOf(RefusedError)
			expect(refusal.message).toMatch(words)
			expect(refusal.message).not.toContain('my-wrong-password')
		})

		it('on a database that is not in UTF-8 is refused', async () => {
			const { database } = await open()
			await database.pool.query(`CREATE DATABASE latin ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0`)
			const refusal = await failureOf(openPostgres({ url: changed((url) => (url.pathname = '/latin')), report: () => undefined }))
			expect(refusal.message).toContain('encoded in LATIN1')
		})

		it('names the variable, and ends the process with status 2', async () => {
			const environment = {
				DATABASE_URL: changed((url) => (url.password = 'my-wrong-password')),
				MILVUS_ADDRESS: NOWHERE,
				JWT_SECRET: SECRET,
				SETTINGS_KEY: SECRET,
			}
			await expect(createApp(configFor(directory, environment))).rejects.toThrow(ConfigError)
			const { code, output } = await runServer({ directory, environment })
			expect(code).toBe(2)
			expect(output).toMatch(/^DATABASE_URL: PostgreSQL at .* refuses the user name or the password\.$/m)
			expect(output).not.toContain('my-wrong-password')
		})

		it('gives up after a while where nobody is', async () => {
			const { report, reports } = recorder()
			const url = changed((url) => (url.port = '9'))
			const failure = await failureOf(openPostgres({ url, report, patienceMs: 300 }))
			expect(failure).toBeInstanceOf(UnreachableError)
			expect(failure.message).toMatch(/^PostgreSQL at 127\.0\.0\.1:9 could not be reached for 0\.3 s: .*ECONNREFUSED/)
			expect(reports).toEqual([expect.stringContaining('it is waited for')])
		})

		it('waits for a server that comes later', async () => {
			await server.stop()
			const { report, heard } = recorder()
			const opening = openPostgres({ url: server.url, report })
			await heard('it is waited for')
			await server.start()
			const { ping, close } = await opening
			await ping()
			await close()
		})
	})

	describe('a server that goes away', () => {
		it('makes everything fail with UNAVAILABLE, and is used again when it is back', async () => {
			const { database, heard, reports } = await open()
			await server.stop()
			await heard('does not answer')
			for (const question of questions(database)) expect(await failureOf(question())).toBeInstanceOf(Unavailable)
			await server.start()
			await heard('answers again')
			for (const question of questions(database)) await question()
			expect(reports).toHaveLength(2)
		})

		it('in the middle of a transaction or a statement fails those too', async () => {
			const { database, heard } = await open()
			const { promise: begun, resolve: hasBegun } = Promise.withResolvers<void>()
			const asked = failureOf(
				database.prisma.$transaction(async (tx) => {
					await tx.user.create({ data: { username: 'half', passwordHash: '', role: 'user' } })
					hasBegun()
					await tx.$queryRaw`SELECT pg_sleep(60)::text`
				}),
			)
			await begun
			await server.stop()
			expect(publicError(await asked)).toMatchObject({ code: 'UNAVAILABLE', params: [{ part: 'database' }] })
			await server.start()
			await heard('answers again')
			expect(await database.prisma.user.count({ where: { username: 'half' } })).toBe(0)
		})

		it('that stands still is as good as gone, and what waits for it is told', async () => {
			const { database, heard } = await open()
			await Promise.all(questions(database).map((question) => question()))
			await server.freeze()
			const waiting = [...questions(database), ...questions(database)].map((question) => failureOf(question()))
			for (const failure of await Promise.all(waiting)) expect(failure).toBeInstanceOf(Unavailable)
			await heard('does not answer')
			server.thaw()
			await heard('answers again')
			for (const question of questions(database)) await question()
		})

		it('and comes back under load loses nothing that was acknowledged', async () => {
			const { database, heard } = await open()
			let isOver = false
			const acknowledged: string[] = []
			const refused: unknown[] = []
			const writers = Array.from({ length: 12 }, async (_, writer) => {
				for (let row = 0; !isOver; row++) {
					const username = `load-${writer}-${row}`
					try {
						await database.prisma.user.create({ data: { username, passwordHash: '', role: 'user' } })
						acknowledged.push(username)
					} catch (error) {
						refused.push(error)
						await new Promise((resolve) => setTimeout(resolve, 10)) // as a client would
					}
				}
			})
			for (let round = 0; round < 2; round++) {
				await server.stop()
				await server.start()
				await heard('answers again')
			}
			isOver = true
			await Promise.all(writers)
			expect(refused.filter((error) => !(error instanceof Unavailable))).toEqual([])
			expect(await database.prisma.user.count({ where: { username: { in: acknowledged } } })).toBe(acknowledged.length)
		})

		it('is named by the answers and by readiness, and the server recovers by itself', async () => {
			const app = await createApp(
				configFor(directory, { DATABASE_URL: server.url, MILVUS_ADDRESS: NOWHERE, JWT_SECRET: SECRET, SETTINGS_KEY: SECRET }),
			)
			cleanups.push(app.stop)
			const readiness = async () => (await app.fetch(new Request('http://localhost/health/ready'))).json()
			const signIn = (surface: (typeof surfaces)[number]) => surface.ask(app, login, { input: { username: 'admin', password: 'password' } })
			const { token } = await app.services.auth.login('admin', 'password')
			await server.stop()
			for (const surface of surfaces) {
				const { code, error } = await signIn(surface)
				expect([code, error]).toEqual(['UNAVAILABLE', expect.stringContaining('database')])
			}
			const asked = await app.fetch(new Request('http://localhost/api/workspaces', { headers: { authorization: `Bearer ${token}` } }))
			expect([asked.status, asked.headers.get('x-error-code')]).toEqual([503, 'UNAVAILABLE'])
			expect(await readiness()).toMatchObject({ status: 'unavailable', parts: { database: 'down' } })
			await server.start()
			await expect.poll(readiness, { timeout: 20_000 }).toMatchObject({ parts: { database: 'up' } })
			for (const surface of surfaces) expect((await signIn(surface)).code).toBeUndefined()
		})
	})

	describe('connections', () => {
		it('are waited for so long, then the answer is UNAVAILABLE', async () => {
			const { database } = await open()
			const taken = await Promise.all(Array.from({ length: 10 }, () => database.pool.connect()))
			expect(await failureOf(database.prisma.user.count())).toBeInstanceOf(Unavailable)
			await database.ping()
			for (const connection of taken) connection.release()
			await database.prisma.user.count()
		})

		it('that somebody ends are replaced', async () => {
			const { database, reports } = await open()
			const again = Promise.withResolvers<void>()
			let times = 0
			await database.listen(
				'of_a_test',
				() => again.resolve(),
				() => ++times === 2 && void database.pool.query("NOTIFY of_a_test, 'heard'"),
			)
			await database.prisma.user.count()
			const other = await openPostgres({ url: server.url, report: () => undefined })
			cleanups.push(other.close)
			await other.pool.query('SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND backend_type = $1', [
				'client backend',
			])
			await again.promise
			await database.prisma.user.count()
			expect(reports).toEqual([])
		})

		it('behind which nobody answers while they are made are not waited for without an end', async () => {
			const silent = createServer(() => undefined).listen(0, '127.0.0.1')
			await once(silent, 'listening')
			const { port } = silent.address() as { port: number }
			const failure = await failureOf(openPostgres({ url: `postgresql://a:b@127.0.0.1:${port}/c`, report: () => undefined, patienceMs: 0 }))
			expect(failure).toBeInstanceOf(UnreachableError)
			silent.close()
		})
	})

	describe('jobs', () => {
		/** Longer than polling would take to come by chance: they are asked for every 30 s only. */
		it('are heard of at once, also after the server was away', { timeout: 25_000 }, async () => {
			const { database, heard } = await open()
			const jobs = await startJobs({ database, queues: ['of-a-test'], report: (error) => void failures.push(error) })
			const failures: unknown[] = []
			cleanups.push(() => jobs.stop(0))
			const done: ((number: number) => void)[] = []
			const work = (number: number) => new Promise<number>((resolve) => (done[number] = resolve))
			await jobs.work<{ number: number }>('of-a-test', 2, async ({ number }) => done[number]?.(number))
			const enqueue = (number: number) => database.prisma.$transaction((tx) => jobs.enqueue(tx, 'of-a-test', { number }))
			const [first, second] = [work(1), work(2)]
			await enqueue(1)
			expect(await first).toBe(1)
			await server.stop()
			await heard('does not answer')
			await server.start()
			await heard('answers again')
			await enqueue(2)
			expect(await second).toBe(2)
			expect(failures).toEqual([])
		})
	})

	describe('transactions that wait for each other', () => {
		it('both happen: the one that is ended is done again', async () => {
			const { database } = await open()
			const { prisma } = database
			const ids = await Promise.all(
				['left', 'right'].map(async (username) => (await prisma.user.create({ data: { username, passwordHash: '', role: 'user' } })).id),
			)
			const bothHaveOne = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
			let attempts = 0
			const change = (order: number[], mine: number) =>
				retried(() =>
					prisma.$transaction(async (tx) => {
						attempts++
						for (const id of order) {
							await tx.user.update({ where: { id }, data: { passwordHash: `by ${mine}` } })
							bothHaveOne[mine]?.resolve()
							await Promise.all(bothHaveOne.map(({ promise }) => promise))
						}
					}),
				)
			await Promise.all([change(ids, 0), change(ids.toReversed(), 1)])
			expect(attempts).toBeGreaterThan(2) // who comes again may be faster than who waits, and be in the way once more
			const rows = await prisma.user.findMany({ where: { id: { in: ids } } })
			expect(new Set(rows.map(({ passwordHash }) => passwordHash)).size).toBe(1)
		})
	})

	describe('a lock on everything', () => {
		it('lets one process in at a time', async () => {
			const bodies: Body[] = await Promise.all(Array.from({ length: 3 }, () => openPostgres({ url: server.url, report: () => undefined })))
			cleanups.push(...bodies.map(({ close }) => close))
			let inside = 0
			let most = 0
			const task = async (body: Body) => {
				most = Math.max(most, ++inside)
				await body.pool.query('SELECT pg_sleep(0.05)')
				inside--
			}
			await Promise.all(bodies.map((body) => body.exclusively(() => task(body))))
			expect(most).toBe(1)
			const failure = await failureOf(bodies[0]?.exclusively(() => Promise.reject(new Error('as it says'))))
			expect(failure.message).toBe('as it says')
			await bodies[1]?.exclusively(async () => undefined)
		})
	})
})

/** One of each kind. */
const questions = ({ prisma, pool }: Database): (() => Promise<unknown>)[] => [
	() => prisma.user.findMany({ take: 1 }),
	() => prisma.$queryRaw`SELECT 1`,
	() => pool.query('SELECT 1'),
	() => prisma.$transaction((tx) => tx.user.count()),
	() => prisma.$transaction([prisma.user.count(), prisma.workspace.count()]),
]

async function failureOf(asked: Promise<unknown> | undefined): Promise<Error> {
	const outcome = await (asked ?? Promise.resolve()).then(
		() => new Error('it went well'),
		(error: unknown) => error,
	)
	return outcome instanceof Error ? outcome : new Error(String(outcome))
}
