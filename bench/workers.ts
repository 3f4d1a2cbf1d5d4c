import { setTimeout as sleep } from 'node:timers/promises'
import { type Server, startServer } from './child.ts'
import { type Client, signIn } from './client.ts'
import { median, repeat } from './measure.ts'
import { ask, canShare, type Place, withPlace } from './place.ts'
import type { Row } from './row.ts'
import { prose } from './text.ts'

const DOCUMENTS = 150
/** Some 20 KB. */
const SENTENCES = 250
const ROUNDS = 2
const POLLING_MS = 250
const LIMIT_MS = 300_000

/** How fast documents that wait are processed, by one worker process and by two, the embedder a stub. */
export async function workers(): Promise<Row[]> {
	if (!canShare) return []
	return withPlace(async (place) => {
		const api = await startServer({ kind: 'product', place, role: 'api', embedder: 'stub' })
		const client = await signIn(api.url)
		const perSecond: Record<1 | 2, number[]> = { 1: [], 2: [] }
		for (let round = 0; round < ROUNDS; round++)
			for (const count of [1, 2] as const) perSecond[count].push(await measured(place, client, `round-${round}-${count}`, count))
		await api.stop()
		const [one, two] = [median(perSecond[1]), median(perSecond[2])]
		return [
			{ what: 'documents of 20 KB, 1 worker', value: one, unit: '/s' },
			{ what: 'documents of 20 KB, 2 workers', value: two, unit: '/s' },
			{ what: '2 workers, times 1', value: two / one, unit: 'x', target: '>= 1.5' },
		]
	})
}

/** Documents a second, from when the last worker is ready. */
async function measured(place: Place, client: Client, slug: string, count: number): Promise<number> {
	await client.post('/workspaces', { name: slug, slug })
	await repeat(DOCUMENTS, 4, (at) => client.send(slug, `${at}.txt`, `${slug} ${prose(SENTENCES, at + 1)}`))
	const workers = await Promise.all(
		Array.from({ length: count }, () => startServer({ kind: 'product', place, role: 'worker', embedder: 'stub' })),
	)
	try {
		return await rate(place)
	} finally {
		await Promise.all(workers.map((worker: Server) => worker.stop()))
	}
}

/** Of what is processed from now on, until nothing waits. */
async function rate({ environment: { DATABASE_URL = '' } }: Place): Promise<number> {
	const [start] = await ask<{ now: string }>(DATABASE_URL, 'SELECT now()::text AS now')
	const over = AbortSignal.timeout(LIMIT_MS)
	for (;;) {
		over.throwIfAborted()
		await sleep(POLLING_MS)
		const [state] = await ask<{ waiting: number; processed: number; seconds: number }>(
			DATABASE_URL,
			`SELECT count(*) FILTER (WHERE status NOT IN ('processed', 'failed'))::int AS waiting,
				count(*) FILTER (WHERE "processedAt" AT TIME ZONE 'UTC' > '${start?.now}')::int AS processed,
				extract(epoch FROM max("processedAt" AT TIME ZONE 'UTC') - '${start?.now}')::float8 AS seconds
			FROM "Document"`,
		)
		if (state?.waiting === 0) return state.processed / state.seconds
	}
}
