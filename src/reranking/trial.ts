import { AppError, type Language } from '../errors.ts'
import { type Trial, tried } from '../providers/trial.ts'
import { createReranker, type RerankingConfig } from './index.ts'

const WORDS = {
	zh: (reranker: string) => `重排序模型 "${reranker}" 分清了相关与无关的段落。`,
	en: (reranker: string) => `The reranking model "${reranker}" told a passage that answers from one that does not.`,
	worse: {
		zh: (reranker: string) => `重排序模型 "${reranker}" 有回答，但把无关的段落排在了前面，请检查 rerankingModel。`,
		en: (reranker: string) => `The reranking model "${reranker}" answered, but found the wrong passage better; check rerankingModel.`,
	},
} satisfies Record<Language | 'worse', unknown>

/** Has two passages put in order, and says what came back. Never with the key in it; never rejects but for an abort. */
export function tryReranker(config: RerankingConfig, language: Language, signal: AbortSignal): Promise<Trial> {
	return tried(config.provider, language, signal, async (limited) => {
		const reranker = await createReranker(config)
		if (!reranker) throw new AppError('unknownProvider', { at: 'rerankingProvider', provider: config.provider, known: '' })
		const [wrong = 0, right = 0] = await reranker.rerank(
			'When is the library open?',
			['Rivers flow to the sea.', 'The library opens at nine.'],
			limited,
		)
		return (right > wrong ? WORDS[language] : WORDS.worse[language])(reranker.id)
	})
}
