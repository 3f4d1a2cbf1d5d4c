import { z } from 'zod'
import { THRESHOLDS } from '../src/chat/chat.ts'
import { RESULTS } from './run.ts'
import type { Server } from './server.ts'

const Hit = z.object({ documentId: z.int(), document: z.string(), chunk: z.string(), score: z.number() })
const Found = z.object({ results: z.array(Hit) })
const Citation = z.object({ documentId: z.int(), start: z.int().nullable(), end: z.int().nullable(), quote: z.string().nullable() })
const Chat = z.object({ response: z.string(), sources: z.array(z.object({})), threadId: z.string(), citations: z.array(Citation) })
const Text = z.object({ text: z.string() })
const Documents = z.object({
	documents: z.array(z.object({ id: z.int(), filename: z.string(), originalName: z.string(), processed: z.boolean() })),
	pagination: z.object({ pages: z.int() }),
})
const Info = z.object({
	version: z.string(),
	vectorDB: z.string(),
	...{ llmProvider: z.string(), llmModel: z.string() },
	...{ embeddingProvider: z.string(), embeddingModel: z.string() },
})
const Settings = z.object({
	workspace: z.object({
		...{ threshold: z.number().nullable(), topN: z.int().nullable(), denseWeight: z.number().nullable() },
		...{ rerank: z.boolean(), chunkTokens: z.int(), chunkOverlap: z.int() },
	}),
})

export type Hit = z.infer<typeof Hit>

/** Longest time that one answer may take. */
const ANSWER_MS = 180_000
/** Texts of documents that are kept at hand. */
const MAX_TEXTS = 32

export interface Answered {
	text: string
	isRefused: boolean
	quotes: { all: number; found: number }
}

export type Workspace = ReturnType<typeof createWorkspace>

/** A workspace of a server, as it can be asked. */
export function createWorkspace(server: Server, slug: string) {
	const path = `/workspaces/${encodeURIComponent(slug)}`
	const texts = new Map<number, Promise<string>>()

	/** As it is stored. */
	function textOf(documentId: number): Promise<string> {
		const text = texts.get(documentId) ?? server.call(`${path}/documents/${documentId}/text`, Text).then((read) => read.text)
		texts.delete(documentId)
		texts.set(documentId, text)
		const [oldest] = texts.keys()
		if (texts.size > MAX_TEXTS && oldest !== undefined) texts.delete(oldest)
		return text
	}

	return {
		/** The best chunks, each alone, as a chat would take them. */
		async search(query: string): Promise<Hit[]> {
			const parameters = new URLSearchParams({ query, limit: String(RESULTS), join: 'false', fold: 'false' })
			return (await server.call(`${path}/search?${parameters}`, Found)).results
		},

		/** In the mode `query`; nothing is left of it in the workspace. */
		async ask(message: string): Promise<Answered> {
			const json = { message, mode: 'query' }
			const chat = await server.call(`${path}/chat`, Chat, { method: 'POST', json, timeoutMs: ANSWER_MS })
			const quoted = chat.citations.filter(({ quote }) => quote !== null)
			let found = 0
			for (const { documentId, start, end, quote } of quoted) if ((await textOf(documentId)).slice(start ?? 0, end ?? 0) === quote) found++
			await server.call(`${path}/threads/${chat.threadId}`, z.unknown(), { method: 'DELETE' })
			return { text: chat.response, isRefused: chat.sources.length === 0, quotes: { all: quoted.length, found } }
		},

		/** Those that can be found: the ids by the names of their files, as they were uploaded and as they are called here. */
		async documents(): Promise<{ count: number; named: Map<string, Set<number>> }> {
			const named = new Map<string, Set<number>>()
			let count = 0
			for (let page = 1, pages = 1; page <= pages; page++) {
				const read = await server.call(`${path}/documents?page=${page}&limit=100`, Documents)
				pages = read.pagination.pages
				for (const { id, filename, originalName } of read.documents.filter(({ processed }) => processed)) {
					count++
					for (const name of [filename, originalName].map(nameKey)) named.set(name, (named.get(name) ?? new Set()).add(id))
				}
			}
			return { count, named }
		},

		/** What its figures depend on. */
		async configuration() {
			const { workspace } = await server.call(path, Settings)
			const { threshold, topN, denseWeight, rerank, chunkTokens, chunkOverlap } = workspace
			const { version, vectorDB, ...models } = await server.call('/system/info', Info)
			return {
				threshold: threshold ?? THRESHOLDS.query,
				configuration: {
					index: vectorDB,
					embedder: `${models.embeddingProvider}/${models.embeddingModel}`,
					model: `${models.llmProvider}/${models.llmModel}`,
					...{ version, topN, denseWeight, rerank, chunkTokens, chunkOverlap },
				},
			}
		},
	}
}

/** Names of files are the same however their accents are written. */
export const nameKey = (name: string): string => name.normalize('NFC')
