import { afterEach, expect, inject, it } from 'vitest'
import { openPostgres } from '../../src/database/postgres.ts'
import { RECONCILE } from '../../src/documents/reconciling/reconciler.ts'
import { startJobs } from '../../src/jobs/jobs.ts'
import { bootApp, type TestApp } from '../support/app.ts'
import { takeIn, textFile } from '../support/documents.ts'
import { rest } from '../support/surfaces.ts'

const slug = 'default-workspace'

const apps: TestApp[] = []
afterEach(async () => {
	const [first, ...others] = apps.splice(0)
	await Promise.all(others.map((app) => app.stop()))
	await first?.end()
})

async function boot(place?: TestApp['place']): Promise<TestApp> {
	const app = await bootApp(place && { place })
	apps.push(app)
	return app
}

const found = async (app: TestApp, word: string, token: string): Promise<unknown[]> =>
	(await rest(app, 'GET', `/workspaces/${slug}/search?query=${word}`, undefined, token)).data.results

/** Runs of the reconciler that wait, and that run. */
const runs = async ({ prisma }: TestApp): Promise<{ state: string; count: number }[]> =>
	prisma.$queryRaw`SELECT state::text, count(*)::int FROM pgboss.job WHERE name = ${RECONCILE} AND state <= 'active' GROUP BY state`

it('a start mends what was lost before it', async () => {
	const before = await boot()
	const token = await before.tokenOf('admin')
	const { id } = await takeIn(before, slug, textFile('bilby.txt', 'The bilby digs at dusk behind the old windmill.'), token)
	const other = await takeIn(before, slug, textFile('potoroo.txt', 'The potoroo eats truffles in the wet forest.'), token)
	await expect.poll(() => runs(before)).toEqual([]) // of its own start
	await before.prisma.chunk.deleteMany({ where: { documentId: id } })
	await before.prisma.document.delete({ where: { id: other.id } }) // and its vectors stay
	expect(await found(before, 'bilby', token)).toEqual([])
	await before.stop()

	const [stopped] = apps.splice(0)
	const after = await boot(stopped?.place)
	await expect.poll(() => found(after, 'bilby', token)).toMatchObject([{ documentId: id }])
	await expect.poll(() => runs(after)).toEqual([])
	const metrics = await (await fetch(`${await after.url()}/metrics`)).text()
	expect(metrics).toMatch(/anythingllm_reconciler_findings_total\{finding="document_incomplete"\} 1/)
	expect(metrics).toMatch(/anythingllm_reconciler_findings_total\{finding="vector_without_chunk"\} \d/)
})

it('however often it is asked for, one run waits', async () => {
	const app = await boot()
	const { place } = app
	const isShared = place.environment['DATABASE_URL'] !== undefined
	await expect.poll(() => runs(app)).toEqual([])
	if (isShared) await Promise.all([boot(place), boot(place), boot(place)])
	for (const { count } of await runs(app)) expect(count).toBe(1)
	await expect.poll(() => runs(app)).toEqual([])
})

it.runIf(inject('services'))('a queue of single jobs keeps one that waits', async () => {
	const app = await boot()
	const database = await openPostgres({ url: app.place.environment['DATABASE_URL'] ?? '', report: () => undefined })
	const queue = 'single-of-a-test'
	const jobs = await startJobs({
		database: { ...database, kind: 'postgres' },
		queues: [queue],
		single: [queue],
		report: (error) => expect(error).toBe(null),
	})
	try {
		await Promise.all([1, 2, 3].map(() => app.prisma.$transaction((tx) => jobs.enqueue(tx, queue, {}))))
		expect(await app.prisma.$queryRaw`SELECT state::text FROM pgboss.job WHERE name = ${queue}`).toEqual([{ state: 'created' }])
	} finally {
		await jobs.stop(0)
		await database.close()
	}
})
