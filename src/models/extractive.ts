import { setImmediate as nextTick } from 'node:timers/promises'
import type { Language } from '../errors.ts'
import type { ChatModel, ModelEvent, Prompt } from './model.ts'
import { bestPassages } from './passages.ts'

const WORDS = {
	zh: {
		opening: '文档中与问题最相关的内容：',
		closing: '（未配置语言模型，以上为文档原文摘录。）',
		nothing:
			'未配置语言模型，文档中也没有与这个问题相关的内容。可以换一种问法、上传相关文档，或者配置语言模型（LLM_PROVIDER、LLM_API_KEY）后再提问。',
	},
	en: {
		opening: 'What the documents say about it:',
		closing: '(No language model is configured; these are passages from the documents, word for word.)',
		nothing:
			'No language model is configured, and nothing in the documents fits this question. Ask in other words, upload a document about it, or configure a language model (LLM_PROVIDER, LLM_API_KEY) and ask again.',
	},
} satisfies Record<Language, Record<string, string>>

/**
 * Answers without a model, a key or a network: the sentences of the sources that answer best, word for word, each with its
 * citation. It never says anything that no source says, and says that it is no model.
 */
export function createExtractiveModel(): ChatModel {
	return { provider: 'extractive', model: 'extractive', stream: answer }
}

async function* answer(prompt: Prompt, signal: AbortSignal): AsyncGenerator<ModelEvent, void, void> {
	for (const text of lines(prompt)) {
		signal.throwIfAborted()
		yield { type: 'text', text }
		await nextTick() // a piece of the stream each, as from a model
	}
	yield { type: 'finish', reason: 'stop', usage: { promptTokens: 0, completionTokens: 0, totalTokens: 0, estimated: false } }
}

function* lines({ question, language, sources }: Prompt): Generator<string> {
	const words = WORDS[language]
	const passages = bestPassages(question, sources)
	if (passages.length === 0) return yield words.nothing
	yield `${words.opening}\n\n`
	for (const { text, source } of passages) yield `${text} [${source + 1}]\n`
	yield `\n${words.closing}`
}
