import { existsSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import path from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Server, startServer } from './child.ts'
import { type Client, signIn } from './client.ts'
import { median, repeat } from './measure.ts'
import { type Place, withPlace } from './place.ts'
import { residentMb, treeSeconds, watchHighest } from './processes.ts'
import type { Row } from './row.ts'
import { prose } from './text.ts'

const SLUG = 'default-workspace'
/** Some 4 MB. */
const LONG_SENTENCES = 48_000
const ROUNDS = 3
const SMALL_FILES = 1_000
/** Some 10 KB. */
const SMALL_SENTENCES = 125
const POLLING_MS = 500
const LIMIT_MS = 900_000
const LARGE_UPLOADS = 20
const LARGE_BYTES = 100_000_000
/** PDFs with text that are nobody's secret, where they are at hand: papers, and what else there is, Chinese slides and scripts too. */
const CORPORA = path.resolve(import.meta.dirname, '../../shared/corpora')
const PAPERS = 'pdf-en-paper'
const PDFS = [PAPERS, 'pdf-en-text', 'pdf-zh']

/** From bytes to stored chunks; many files; large ones. The embedder is a stub: what is measured is the product's own. */
export async function ingest(): Promise<Row[]> {
	return [...(await withPlace(texts)), ...(await withPlace(manyFiles)), ...(await withPlace(largeUploads))]
}

/** Processor time from the upload until the chunks are stored, of the server and its children: what one core would take alone. */
async function texts(place: Place): Promise<Row[]> {
	const server = await startServer({ kind: 'product', place, embedder: 'silent' })
	const client = await signIn(server.url)
	/** It is deleted then, or the embedder would keep it, and a worker. */
	const measured = async (name: string, content: string | Buffer): Promise<{ seconds: number; pages: number }> => {
		const before = await treeSeconds(server.pid)
		const id = await client.send(SLUG, name, content)
		await client.reached(SLUG, id, 'EMBEDDING')
		const seconds = (await treeSeconds(server.pid)) - before
		const { pages } = (await client.get(`/workspaces/${SLUG}/documents/${id}/text`)) as { pages: unknown[] }
		await client.delete(`/workspaces/${SLUG}/documents/${id}`)
		return { seconds, pages: pages.length }
	}
	const perSecond: number[] = []
	for (let round = 0; round <= ROUNDS; round++) {
		const text = prose(LONG_SENTENCES, round + 1)
		const { seconds } = await measured(`long-${round}.txt`, text)
		if (round > 0) perSecond.push(text.length / 1_000_000 / seconds) // the first one compiles
	}
	const pdfs: Pdf[] = []
	for (const { folder, name } of await pdfsAtHand()) {
		const content = await readFile(path.join(CORPORA, folder, name))
		const rounds: number[] = []
		let pages = 0
		for (let round = 0; round <= ROUNDS; round++) {
			const result = await measured(name, Buffer.concat([content, Buffer.from(`\n%${round}\n`)])) // the same bytes twice are a conflict
			if (round > 0) rounds.push(result.seconds)
			pages = result.pages
		}
		pdfs.push({ folder, pages, seconds: median(rounds) })
	}
	await server.stop()
	return [
		{ what: 'text to stored chunks, a second of processor time', value: median(perSecond), unit: 'MB', target: '>= 3' },
		...perPage(pdfs, 'of PDFs of all sorts'),
		...perPage(
			pdfs.filter(({ folder }) => folder === PAPERS),
			'of papers',
		),
	]
}

interface Pdf {
	folder: string
	pages: number
	/** From the upload until the chunks are stored, of the server and its children. */
	seconds: number
}

async function pdfsAtHand(): Promise<{ folder: string; name: string }[]> {
	const folders = PDFS.filter((folder) => existsSync(path.join(CORPORA, folder)))
	const names = await Promise.all(folders.map((folder) => readdir(path.join(CORPORA, folder))))
	return folders.flatMap((folder, at) => (names[at] ?? []).filter((name) => name.endsWith('.pdf')).map((name) => ({ folder, name })))
}

/** Of all pages together. */
function perPage(pdfs: readonly Pdf[], which: string): Row[] {
	if (pdfs.length === 0) return []
	const sum = (of: (pdf: Pdf) => number) => pdfs.reduce((total, pdf) => total + of(pdf), 0)
	const pages = sum((pdf) => pdf.pages)
	return [
		{
			what: `a page to stored chunks, ${which} (${pdfs.length} files, ${pages} pages), processor time of all processes`,
			value: (sum((pdf) => pdf.seconds) * 1_000) / pages,
			unit: 'ms',
			target: '<= 8',
		},
	]
}

async function manyFiles(place: Place): Promise<Row[]> {
	const server = await startServer({ kind: 'product', place, embedder: 'stub' })
	const client = await signIn(server.url)
	await client.upload(SLUG, 'first.txt', prose(SMALL_SENTENCES, SMALL_FILES + 1))
	await server.collect()
	const memory = watchHighest(() => residentMb(server.pid))
	const idle = monitorEventLoopDelay({ resolution: 10 })
	const begin = performance.now()
	const { perSecond } = await repeat(SMALL_FILES, 16, (at) => client.send(SLUG, `${at}.txt`, prose(SMALL_SENTENCES, at + 1)))
	idle.enable() // once this process does nothing but wait
	const limit = AbortSignal.timeout(LIMIT_MS)
	while ((await processedCount(server)) <= SMALL_FILES) {
		limit.throwIfAborted()
		await sleep(POLLING_MS)
	}
	idle.disable()
	const seconds = (performance.now() - begin) / 1_000
	const { stallMs } = await server.usage()
	const highest = await memory.stop()
	const times = await processedCount(server)
	const documents = await processed(client)
	await server.stop()
	return [
		{ what: `${SMALL_FILES} files of 10 KB, 16 at once, uploads`, value: perSecond, unit: '/s' },
		{ what: 'the same, from the first upload to the last one processed', value: seconds, unit: 's' },
		{ what: 'of these processed', value: documents, unit: '', target: `>= ${SMALL_FILES + 1}` },
		{ what: 'and how often in all', value: times, unit: '', target: `<= ${SMALL_FILES + 1}` },
		{ what: 'memory (RSS) of the server meanwhile, at most', value: highest, unit: 'MB', target: '<= 700' },
		{ what: 'worst stall of its event loop', value: stallMs, unit: 'ms', target: '<= 50' },
		{ what: 'the same of a process that does nothing, for comparison', value: idle.max / 1e6 - 10, unit: 'ms' },
	]
}

async function processed(client: Client): Promise<number> {
	let count = 0
	for (let page = 1; ; page++) {
		const { documents } = (await client.get(`/workspaces/${SLUG}/documents?limit=100&page=${page}`)) as {
			documents: { processed: boolean }[]
		}
		if (documents.length === 0) return count
		count += documents.filter(({ processed }) => processed).length
	}
}

/** How often a document was processed, as the server counts it. */
async function processedCount({ url }: Server): Promise<number> {
	const text = await (await fetch(`${url}/metrics`)).text()
	return Number(/documents_ended_total\{outcome="processed"\} (\d+)/.exec(text)?.[1] ?? Number.NaN)
}

async function largeUploads(place: Place): Promise<Row[]> {
	const server = await startServer({ kind: 'product', place, embedder: 'stub' })
	const client = await signIn(server.url)
	await client.upload(SLUG, 'first.txt', prose(SMALL_SENTENCES, 1))
	await server.collect()
	const before = await residentMb(server.pid)
	const memory = watchHighest(() => residentMb(server.pid))
	const { ms } = await repeat(LARGE_UPLOADS, LARGE_UPLOADS, (at) => client.stream(SLUG, `large-${at}.txt`, LARGE_BYTES, at))
	const growth = (await memory.stop()) - before
	await server.stop()
	return [
		{ what: `${LARGE_UPLOADS} uploads of 100 MB at once, growth of memory (RSS)`, value: growth, unit: 'MB', target: '<= 100' },
		{ what: 'the same, the slowest answer', value: Math.max(...ms) / 1_000, unit: 's' },
	]
}
