import path from 'node:path'
import type pg from 'pg'
import { AppError } from '../errors.ts'
import type { Embedder } from './embedder.ts'
import { keepingQueries } from './kept-queries.ts'
import { keepingVectors } from './kept-vectors.ts'
import { createLocalEmbedder, LOCAL_MODEL } from './local/local.ts'
import { PRESETS, type Preset } from './presets.ts'

export interface EmbeddingConfig {
	/** One of {@link EMBEDDING_PROVIDERS}. */
	provider: string
	/** Default: the provider's own default. */
	model?: string | undefined
	/** Not needed where `baseUrl` leads to a server without keys. */
	apiKey?: string | undefined
	/** Of a server that speaks the same; default: the vendor's. */
	baseUrl?: string | undefined
}

export interface EmbedderOptions {
	/** What a start keeps for the next one: the local model's file. */
	dataDirectory: string
	/** Where vectors of remote models are kept. Without it none are. */
	pool?: pg.Pool
	report(problem: string): void
}

interface EmbeddingProvider {
	needsKey: boolean
	isRemote: boolean
	defaultModel: string
}

/** Who can embed. `openai` is, by its base URL, any endpoint that speaks OpenAI's protocol. */
export const EMBEDDING_PROVIDERS: Readonly<Record<string, EmbeddingProvider>> = {
	local: { needsKey: false, isRemote: false, defaultModel: LOCAL_MODEL },
	...Object.fromEntries(
		Object.entries<Preset>(PRESETS).map(([name, { needsKey, defaultModel }]) => [name, { needsKey, isRemote: true, defaultModel }]),
	),
}

/** Makes an embedder; calls nobody, and checks no key. @throws AppError UNPROCESSABLE for a provider that is none. */
export async function createEmbedder(config: EmbeddingConfig, { dataDirectory, pool, report }: EmbedderOptions): Promise<Embedder> {
	const { defaultModel } = embeddingProvider(config.provider)
	const preset = presetOf(config.provider)
	if (!preset) return keepingQueries(createLocalEmbedder({ directory: path.join(dataDirectory, 'models'), report }))
	const { createRemoteEmbedder } = await import('./remote.ts')
	const remote = keepingQueries(createRemoteEmbedder({ ...config, preset, model: config.model || defaultModel }))
	return pool ? keepingVectors(remote, { pool, report }) : remote
}

/** The embedder's id, without making one. Another address or key is the same model still. @throws AppError UNPROCESSABLE */
export function embedderIdOf({ provider, model, baseUrl }: EmbeddingConfig): string {
	const { defaultModel, isRemote } = embeddingProvider(provider)
	const named = model || defaultModel
	if (!isRemote) {
		if (named !== LOCAL_MODEL) throw new AppError('localModelOnly', { at: 'embeddingModel', model: LOCAL_MODEL })
		if (baseUrl !== undefined) throw new AppError('localModelOnly', { at: 'embeddingBaseUrl', model: LOCAL_MODEL })
	}
	return `${provider}/${named}`
}

const presetOf = (provider: string): Preset | undefined =>
	Object.hasOwn(PRESETS, provider) ? PRESETS[provider as keyof typeof PRESETS] : undefined

function embeddingProvider(provider: string): EmbeddingProvider {
	const known = Object.hasOwn(EMBEDDING_PROVIDERS, provider) ? EMBEDDING_PROVIDERS[provider] : undefined
	if (known) return known
	throw new AppError('unknownProvider', { at: 'embeddingProvider', provider, known: Object.keys(EMBEDDING_PROVIDERS).join(', ') })
}
