import type { Session } from '../test/support/session.ts'
import type { Answer } from './checks.ts'
import { print, printText } from './print.ts'

export interface Ask {
	message: string
	mode?: 'chat' | 'query'
}

const SOURCE = 'document chunk score documentId chunkId page start end heading'
const CITATION = 'marker answerStart answerEnd documentId chunkId document page start end quote supported'

export const askOverRest = (session: Session, slug: string, input: Ask): Promise<Answer> =>
	session.rest<Answer>('POST', `/workspaces/${slug}/chat`, input)

export async function askOverGraphQL(session: Session, slug: string, input: Ask): Promise<Answer> {
	const { sendMessage } = await session.graphql<{ sendMessage: Answer }>(
		`mutation ($slug: String!, $input: ChatInput!) {
			sendMessage(slug: $slug, input: $input) { response sources { ${SOURCE} } citations { ${CITATION} } threadId }
		}`,
		{ slug, input },
	)
	return sendMessage
}

interface ChatEvent {
	__typename: string
	sequence: number
	threadId?: string
	text?: string
	sources?: Answer['sources']
	citations?: Answer['citations']
	chat?: { response: string }
	error?: string
}

/** Follows the run, and shows each event when it comes. */
export async function askOverWebSocket(session: Session, slug: string, input: Ask): Promise<Answer> {
	const answer: Answer = { response: '', sources: [], citations: [], threadId: '' }
	let last = 0
	const events = session.subscribe<{ chat: ChatEvent }>(
		`subscription ($slug: String!, $input: ChatInput!) {
			chat(slug: $slug, input: $input) {
				__typename sequence
				... on ChatStarted { threadId }
				... on ChatSources { sources { ${SOURCE} } }
				... on ChatDelta { text }
				... on ChatCompleted { chat { response } citations { ${CITATION} } }
				... on ChatFailed { error }
			}
		}`,
		{ slug, input },
	)
	for await (const { chat: event } of events) {
		if (event.sequence !== ++last) throw new Error(`event ${event.sequence} came after ${last - 1}`)
		print(`  ${event.sequence} ${event.__typename}`)
		if (event.text !== undefined) printText(event.text)
		if (event.error !== undefined) throw new Error(event.error)
		answer.threadId = event.threadId ?? answer.threadId
		answer.sources = event.sources ?? answer.sources
		answer.citations = event.citations ?? answer.citations
		answer.response += event.text ?? ''
		if (event.chat && event.chat.response !== answer.response) throw new Error('the answer is not the sum of its deltas')
	}
	if (answer.response === '') throw new Error('no answer came')
	return answer
}

interface DocumentEvent {
	status: string
	error: { reason: string } | null
	progress: { done: number; total: number }
}

/** Waits until a document is processed. @returns the stages that were seen on the way. @throws Error with the reason when it failed. */
export async function followDocument(session: Session, slug: string, documentId: number): Promise<{ stages: string[]; chunks: number }> {
	const stages = new Set<string>()
	let chunks = 0
	const events = session.subscribe<{ documentEvents: DocumentEvent }>(
		`subscription ($slug: String!, $documentId: ID!) {
			documentEvents(slug: $slug, documentId: $documentId) { ... on DocumentProgressed { status error { reason } progress { done total } } }
		}`,
		{ slug, documentId },
	)
	for await (const { documentEvents: event } of events) {
		stages.add(event.status.toLowerCase())
		chunks = event.progress.total
		if (event.status === 'FAILED') throw new Error(event.error?.reason ?? 'a document failed')
	}
	if (!stages.has('processed')) throw new Error('the document was not processed')
	return { stages: [...stages], chunks }
}
