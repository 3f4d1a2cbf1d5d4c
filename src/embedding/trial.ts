import { AppError, type Language, publicError } from '../errors.ts'
import { createEmbedder, type EmbeddingConfig, embedderIdOf, type LocalOptions } from './index.ts'

/** How a trial ended, in words for people. */
export interface Trial {
	ok: boolean
	detail: string
}

const DEADLINE_MS = 20_000

const WORDS = {
	zh: (embedder: string, dimensions: number) => `向量模型 "${embedder}" 返回了 ${dimensions} 维的向量。`,
	en: (embedder: string, dimensions: number) => `The embedding model "${embedder}" answered a vector of ${dimensions} numbers.`,
} satisfies Record<Language, unknown>

/** Has one word embedded, and says what came back. Never with the key in it; never rejects but for an abort. */
export async function tryEmbedder(config: EmbeddingConfig, local: LocalOptions, language: Language, signal: AbortSignal): Promise<Trial> {
	try {
		const embedder = await createEmbedder(config, local)
		try {
			const [vector] = await embedder.embed(['OK'], 'passage', AbortSignal.any([signal, AbortSignal.timeout(DEADLINE_MS)]))
			return { ok: true, detail: WORDS[language](embedderIdOf(config), vector?.length ?? 0) }
		} finally {
			await embedder.stop()
		}
	} catch (error) {
		signal.throwIfAborted()
		const isLate = error instanceof DOMException && error.name === 'TimeoutError'
		const failure = isLate ? new AppError('providerSilent', { provider: config.provider }) : publicError(error)
		return { ok: false, detail: failure.in(language) }
	}
}
