import type { Language } from '../errors.ts'
import { redact } from '../providers/failures.ts'
import { TRIAL_MS, type Trial, tried } from '../providers/trial.ts'
import { createModel, type ModelConfig, modelOf } from './index.ts'
import type { Prompt } from './model.ts'

/** Heard of an answer, in characters. */
const MAX_HEARD = 200

const WORDS = {
	zh: {
		answered: (provider: string, model: string, text: string) => `"${provider}" 的模型 "${model}" 回答：${text}`,
		extractive: '"extractive" 直接摘录文档，不需要语言模型服务。',
	},
	en: {
		answered: (provider: string, model: string, text: string) => `The model "${model}" of "${provider}" answered: ${text}`,
		extractive: '"extractive" quotes the documents and needs no provider.',
	},
} satisfies Record<Language, unknown>

/** Asks the model for one word, and says what came back. Never with the key in it; never rejects but for an abort. */
export async function tryModel(config: ModelConfig, language: Language, signal: AbortSignal): Promise<Trial> {
	if (config.provider === 'extractive') return { ok: true, detail: WORDS[language].extractive }
	return tried(config.provider, language, signal, async (limited) => {
		const text = redact((await hear(config, limited)).replace(/\s+/g, ' ').trim(), config.apiKey)
		return WORDS[language].answered(config.provider, modelOf(config), text)
	})
}

async function hear(config: ModelConfig, signal: AbortSignal): Promise<string> {
	const model = await createModel({ ...config, firstTokenTimeoutMs: TRIAL_MS / 2, idleTimeoutMs: TRIAL_MS / 4, maxRetries: 0 })
	let text = ''
	try {
		for await (const event of model.stream(PROMPT, signal)) {
			if (event.type === 'finish') break
			text += event.text
			if (text.length >= MAX_HEARD) break
		}
		return text.slice(0, MAX_HEARD).toWellFormed()
	} finally {
		await model.stop?.()
	}
}

const QUESTION = 'Reply with the single word: OK'
const PROMPT: Prompt = {
	question: QUESTION,
	language: 'en',
	mode: 'chat',
	sources: [],
	system: 'You are being tested. Answer with one word.',
	messages: [{ role: 'user', content: QUESTION }],
}
