import path from 'node:path'
import { AppError } from '../errors.ts'
import type { Embedder } from './embedder.ts'
import { keepingQueries } from './kept-queries.ts'
import { createLocalEmbedder, LOCAL_MODEL } from './local/local.ts'

/** Who can embed. `openai` is any endpoint that speaks OpenAI's protocol. */
export const EMBEDDING_PROVIDERS = {
	local: { needsKey: false, defaultModel: LOCAL_MODEL },
	openai: { needsKey: true, defaultModel: 'text-embedding-3-small' },
} as const
export type EmbeddingProvider = keyof typeof EMBEDDING_PROVIDERS

export interface EmbeddingConfig {
	/** One of {@link EMBEDDING_PROVIDERS}. */
	provider: string
	/** Default: the provider's own default. */
	model?: string | undefined
	/** Not needed where `baseUrl` leads to a server without keys. */
	apiKey?: string | undefined
	/** Of an OpenAI-compatible server; default: the vendor's. */
	baseUrl?: string | undefined
}

/** Of the local model. */
export interface LocalOptions {
	/** What a start keeps for the next one: the model's file. */
	dataDirectory: string
	report(problem: string): void
}

/** Makes an embedder; calls nobody, and checks no key. @throws AppError UNPROCESSABLE for a provider that is none. */
export async function createEmbedder(config: EmbeddingConfig, { dataDirectory, report }: LocalOptions): Promise<Embedder> {
	const provider = embeddingProvider(config.provider)
	switch (provider) {
		case 'local':
			return keepingQueries(createLocalEmbedder({ directory: path.join(dataDirectory, 'models'), report }))
		case 'openai':
			return keepingQueries((await import('./openai.ts')).createOpenAIEmbedder({ ...config, model: modelOf(config) }))
		default:
			throw new Error(`No such provider: ${provider satisfies never}`)
	}
}

/** The embedder's id, without making one. Another address or key is the same model still. @throws AppError UNPROCESSABLE */
export function embedderIdOf(config: EmbeddingConfig): string {
	const provider = embeddingProvider(config.provider)
	const model = modelOf(config)
	if (provider === 'local') {
		if (model !== LOCAL_MODEL) throw new AppError('localModelOnly', { at: 'embeddingModel', model: LOCAL_MODEL })
		if (config.baseUrl !== undefined) throw new AppError('localModelOnly', { at: 'embeddingBaseUrl', model: LOCAL_MODEL })
	}
	return `${provider}/${model}`
}

const modelOf = ({ provider, model }: EmbeddingConfig): string => model || EMBEDDING_PROVIDERS[embeddingProvider(provider)].defaultModel

function embeddingProvider(provider: string): EmbeddingProvider {
	if (Object.hasOwn(EMBEDDING_PROVIDERS, provider)) return provider as EmbeddingProvider
	throw new AppError('unknownProvider', { at: 'embeddingProvider', provider, known: Object.keys(EMBEDDING_PROVIDERS).join(', ') })
}
