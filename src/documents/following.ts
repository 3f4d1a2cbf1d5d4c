import type { DocumentModel } from '../generated/prisma/models.ts'
import { type DocumentEnd, type DocumentEvent, type DocumentState, isEnded, type VersionState } from './events.ts'

/** A document with its new version, if one is in the making or has failed. */
export type Followed = DocumentModel & { pending: DocumentModel | null }

/** What is told of documents. */
export type DocumentNews = DocumentState | VersionState | DocumentEnd

/** The documents that are under way, the known ones, and those that changed since then. */
export type ReadState = (known: number[], since: Date | null) => Promise<Followed[]>

/** What is under way of a document: itself, or its new version of this number. */
interface Running {
	document: boolean
	version: number | null
}

/** Clocks differ, and what is heard now was written a little earlier. */
const HEARING_MS = 5_000

/** What is, then what changes; what may have been missed is read again. Of one document until nothing of it is under way. */
export async function* follow(
	now: Followed[],
	live: AsyncIterable<DocumentEvent>,
	read: ReadState,
	documentId: number | null,
): AsyncGenerator<DocumentNews, void, void> {
	const running = new Map<number, Running>()
	let heardAt = Date.now()
	const hasEnded = () => documentId !== null && !running.has(documentId)
	const told = (news: DocumentNews): DocumentNews => {
		const id = idOf(news)
		const next = news.type === 'deleted' ? null : after(running.get(id), news)
		if (next && (next.document || next.version !== null)) running.set(id, next)
		else running.delete(id)
		return news
	}
	const tellOf = function* ({ pending, ...document }: Followed) {
		running.delete(document.id)
		yield told({ type: 'state', document })
		if (pending) yield told({ type: 'version', documentId: document.id, version: pending })
	}
	for (const document of now) yield* tellOf(document)
	if (hasEnded()) return
	for await (const event of live) {
		if (event.type === 'missed') {
			const documents = await read([...running.keys()], new Date(heardAt - HEARING_MS))
			const there = new Set(documents.map(({ id }) => id))
			for (const id of [...running.keys()]) if (!there.has(id)) yield told({ type: 'deleted', documentId: id })
			for (const document of documents) yield* tellOf(document)
		} else {
			if (documentId && idOf(event) !== documentId) continue
			yield told(event)
		}
		if (hasEnded()) return
		heardAt = Date.now()
	}
}

const idOf = (news: DocumentNews): number => (news.type === 'state' ? news.document.id : news.documentId)

/** A new version is no longer under way when it failed, or the document has its number. */
function after(running: Running = { document: false, version: null }, news: DocumentState | VersionState): Running {
	if (news.type === 'version') return { ...running, version: isEnded(news.version) ? null : news.version.version }
	const isSwapped = running.version !== null && news.document.version >= running.version
	return { document: !isEnded(news.document), version: isSwapped ? null : running.version }
}
