import { AppError } from '../errors.ts'
import { PRESETS, type Preset } from './presets.ts'
import type { Reranker } from './reranker.ts'

/** Nobody reranks. */
const NONE = 'none'

interface RerankingProvider {
	needsKey: boolean
	isRemote: boolean
}

/** Who can rerank; `none` unless an admin sets another. `jina` is, by its base URL, any endpoint that speaks the same. */
export const RERANKING_PROVIDERS: Readonly<Record<string, RerankingProvider>> = {
	[NONE]: { needsKey: false, isRemote: false },
	...Object.fromEntries(Object.entries<Preset>(PRESETS).map(([name, { needsKey }]) => [name, { needsKey, isRemote: true }])),
}

export interface RerankingConfig {
	/** One of {@link RERANKING_PROVIDERS}. */
	provider: string
	/** Default: the provider's own default. */
	model?: string | undefined
	/** Not needed where `baseUrl` leads to a server without keys. */
	apiKey?: string | undefined
	/** Of a server that speaks the same; default: the vendor's. */
	baseUrl?: string | undefined
}

/** Null for `none`. Calls nobody, and checks no key. @throws AppError UNPROCESSABLE for a provider that is none. */
export async function createReranker({ provider, model, apiKey, baseUrl }: RerankingConfig): Promise<Reranker | null> {
	if (provider === NONE) return null
	const preset = Object.hasOwn(PRESETS, provider) ? PRESETS[provider as keyof typeof PRESETS] : undefined
	if (!preset)
		throw new AppError('unknownProvider', { at: 'rerankingProvider', provider, known: Object.keys(RERANKING_PROVIDERS).join(', ') })
	const { createRemoteReranker } = await import('./remote.ts')
	return createRemoteReranker({ provider, preset, model: model || preset.defaultModel, apiKey, baseUrl })
}
