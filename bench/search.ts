import { type Server, startServer } from './child.ts'
import { type Client, signIn } from './client.ts'
import { type Corpus, readCorpus } from './corpus.ts'
import { percentile, repeat } from './measure.ts'
import { withPlace } from './place.ts'
import { residentMb, treeSeconds } from './processes.ts'
import type { Row } from './row.ts'
import type { StubEmbedder } from './subject.ts'

/** Of 5,000 chunks each; with more than 10 it is measured at 10 too, and compared. */
const WORKSPACES = Number(process.env['SEARCH_WORKSPACES'] ?? 10)
const SMALL = 10
const DOCUMENTS = 20
const CHUNKS = 250
/** Of which a chunk is new: the default is 400, and 40 of them may be the end of the one before. */
const TOKENS = 336
const ALONE = 400
const TOGETHER = 1_600
const QUERY =
	'query ($slug: String!, $query: String!) { search(slug: $slug, query: $query) { edges { node { chunkId document score snippet { text highlights { start end } } } } } }'

/** Hybrid search with a new question each time, each in one workspace: with the local embedder for the questions, and with none to wait for. */
export async function search(): Promise<Row[]> {
	const corpus = await readCorpus()
	if (!corpus) return []
	return withPlace(async (place) => {
		const rows: Row[] = []
		const p50s: number[] = []
		for (const [from, to] of WORKSPACES > SMALL ? [[0, SMALL] as const, [SMALL, WORKSPACES] as const] : [[0, WORKSPACES] as const]) {
			const loading = await startServer({ kind: 'product', place, embedder: 'stub' })
			const begin = performance.now()
			const chunks = await load(await signIn(loading.url), corpus, from, to)
			await loading.stop()
			const seconds = (performance.now() - begin) / 1_000
			rows.push({ what: `${chunks} chunks in ${to} workspaces, from upload to searchable`, value: seconds, unit: 's' })
			for (const embedder of ['questions', 'stub'] as const) {
				const server = await startServer({ kind: 'product', place, embedder })
				const measured = await measure(server, corpus, to, embedder)
				if (embedder === 'questions') p50s.push(measured.p50)
				rows.push(...measured.rows)
				await server.stop()
			}
		}
		const [small, large] = p50s
		if (small && large)
			rows.push({ what: `p50 at ${WORKSPACES} workspaces, times that at ${SMALL}`, value: large / small, unit: 'x', target: '<= 2' })
		return rows
	})
}

const slugOf = (at: number): string => `workspace-${at}`

async function load(client: Client, corpus: Corpus, from: number, to: number): Promise<number> {
	for (let at = from; at < to; at++) await client.post('/workspaces', { name: slugOf(at), slug: slugOf(at) })
	await repeat((to - from) * DOCUMENTS, 4, (at) => {
		const seed = from * DOCUMENTS + at
		return client.upload(slugOf(Math.floor(seed / DOCUMENTS)), `${seed}.txt`, corpus.document(CHUNKS * TOKENS, seed))
	})
	let chunks = 0
	for (let at = 0; at < to; at++) {
		const { documents } = (await client.get(`/workspaces/${slugOf(at)}/documents?limit=100`)) as { documents: { chunks: number }[] }
		chunks += documents.reduce((sum, document) => sum + document.chunks, 0)
	}
	return chunks
}

async function measure(server: Server, corpus: Corpus, workspaces: number, embedder: StubEmbedder): Promise<{ rows: Row[]; p50: number }> {
	const client = await signIn(server.url)
	const isReal = embedder === 'questions'
	const which = isReal ? 'search' : 'search, the question’s vector at hand'
	let questions = 0
	const next = () => ({ slug: slugOf(questions % workspaces), query: corpus.question(Math.floor(questions++ * 1.7)) })
	const rest = () => {
		const { slug, query } = next()
		return client.get(`/workspaces/${slug}/search?query=${encodeURIComponent(query)}`)
	}
	const graphql = async () => {
		const headers = { ...client.headers, 'content-type': 'application/json' }
		const answer = await fetch(`${server.url}/graphql`, {
			method: 'POST',
			headers,
			body: JSON.stringify({ query: QUERY, variables: next() }),
		})
		const { errors } = (await answer.json()) as { errors?: { message: string }[] }
		if (errors) throw new Error(errors[0]?.message)
	}
	await repeat(workspaces, 1, rest)
	await repeat(ALONE, 4, rest)
	await repeat(ALONE, 4, graphql)
	const alone = await counted(server, ALONE, 1, rest)
	const together = await counted(server, TOGETHER, 8, rest)
	const few = await counted(server, TOGETHER, 8, graphql)
	const rows: Row[] = [
		{ what: `${which}, c=1, p50`, value: percentile(alone.ms, 0.5), unit: 'ms', ...(isReal && { target: '<= 15' }) },
		{ what: `${which}, c=1, p95`, value: percentile(alone.ms, 0.95), unit: 'ms', ...(isReal && { target: '<= 30' }) },
		{ what: `${which}, c=1, CPU a search, all processes`, value: alone.cpuMs, unit: 'ms' },
		{ what: `${which}, c=8`, value: together.perSecond, unit: '/s', ...(isReal && { target: '>= 80' }) },
		{ what: `${which}, c=8, CPU a search, all processes`, value: together.cpuMs, unit: 'ms' },
		{ what: `${which}, c=8, GraphQL with snippets only`, value: few.perSecond, unit: '/s' },
		{ what: `${which}, c=8, GraphQL with snippets only, CPU a search`, value: few.cpuMs, unit: 'ms' },
		{ what: `${which}: memory (RSS) of the server`, value: await residentMb(server.pid), unit: 'MB' },
	]
	return { rows, p50: percentile(alone.ms, 0.5) }
}

async function counted(server: Server, times: number, concurrency: number, ask: () => Promise<unknown>) {
	const before = await treeSeconds(server.pid)
	const measured = await repeat(times, concurrency, ask)
	return { ...measured, cpuMs: (((await treeSeconds(server.pid)) - before) * 1_000) / times }
}
