import type { Language } from '../errors.ts'
import { type Trial, tried } from '../providers/trial.ts'
import { createEmbedder, type EmbedderOptions, type EmbeddingConfig, embedderIdOf } from './index.ts'

const WORDS = {
	zh: (embedder: string, dimensions: number) => `向量模型 "${embedder}" 返回了 ${dimensions} 维的向量。`,
	en: (embedder: string, dimensions: number) => `The embedding model "${embedder}" answered a vector of ${dimensions} numbers.`,
} satisfies Record<Language, unknown>

/** Has one word embedded, and says what came back. Never with the key in it; never rejects but for an abort. */
export function tryEmbedder(
	config: EmbeddingConfig,
	{ dataDirectory, report }: EmbedderOptions,
	language: Language,
	signal: AbortSignal,
): Promise<Trial> {
	return tried(config.provider, language, signal, async (limited) => {
		const embedder = await createEmbedder(config, { dataDirectory, report }) // keeps nothing: it is to be asked
		try {
			const [vector] = await embedder.embed(['OK'], 'passage', limited)
			return WORDS[language](embedderIdOf(config), vector?.length ?? 0)
		} finally {
			await embedder.stop()
		}
	})
}
