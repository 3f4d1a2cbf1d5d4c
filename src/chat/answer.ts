import { AppError } from '../errors.ts'
import type { ChatMode, ChatModel, Usage } from '../models/model.ts'
import type { Found } from '../retrieval/retrieval.ts'
import { cite } from './citations.ts'
import { coalesce } from './deltas.ts'
import type { Citation, RunEventBody, Source } from './events.ts'
import { buildPrompt, languageOf, type Turn } from './prompt.ts'

/** What an answer is made from. */
export interface Question {
	workspace: { id: number; denseWeight: number | null }
	mode: ChatMode
	message: string
	history: readonly Turn[]
}

export interface Answer {
	response: string
	sources: Source[]
	citations: Citation[]
	usage: Usage
}

interface Dependencies {
	search(query: { workspaces: Question['workspace'][]; query: string; limit: number; signal: AbortSignal }): Promise<Found[]>
	model: ChatModel
	/** The least score of a source, 0 to 1. */
	threshold: number
	/** Most sources of one answer. */
	maxSources: number
}

const REFUSAL = {
	zh: '工作空间的文档中没有找到与此问题相关的内容，因此无法回答。',
	en: 'Nothing in the documents of this workspace supports an answer to this question.',
}
const NO_USAGE: Usage = { promptTokens: 0, completionTokens: 0, totalTokens: 0, estimated: false }

/**
 * Answers a question: sources, then text as it comes, each told to `emit`. What has come so far is in `partial` when it fails.
 * In `query` mode a question that no source supports is refused, and the model is not asked.
 */
export async function answer(
	{ workspace, mode, message, history }: Question,
	{ search, model, threshold, maxSources }: Dependencies,
	emit: (event: RunEventBody) => Promise<void>,
	signal: AbortSignal,
): Promise<Answer> {
	const found = await search({ workspaces: [workspace], query: message, limit: maxSources, signal })
	const sources = found.filter(({ score }) => score >= threshold).map(asSource)
	await emit({ type: 'sources', sources })
	if (mode === 'query' && sources.length === 0) {
		const response = REFUSAL[languageOf(message)]
		await emit({ type: 'delta', text: response })
		return { response, sources, citations: [], usage: NO_USAGE }
	}
	const prompt = buildPrompt({ question: message, mode, history, sources })
	let response = ''
	let usage: Usage | undefined
	for await (const event of coalesce(model.stream(prompt, signal))) {
		if (event.type === 'finish') usage = event.usage
		else {
			response += event.text
			await emit({ type: 'delta', text: event.text })
		}
	}
	if (!usage) throw new AppError('providerBroke', { provider: model.provider })
	return { response, sources, citations: cite(response, sources), usage }
}

const asSource = ({ documentId, chunkId, document, text, score, page, start, end, heading }: Found): Source => ({
	documentId,
	chunkId,
	document,
	chunk: text,
	score,
	page,
	start,
	end,
	heading,
})
