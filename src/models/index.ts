import { createExtractiveModel } from './extractive.ts'
import type { ChatModel } from './model.ts'

export const LLM_PROVIDERS = ['extractive', 'openai', 'anthropic'] as const
export type LlmProvider = (typeof LLM_PROVIDERS)[number]

/** The small current model of each vendor, from the lists of model ids in their SDKs (openai 7.57, @anthropic-ai/sdk 1.12). */
const DEFAULT_MODELS = {
	extractive: 'extractive',
	openai: 'gpt-5.4-mini',
	anthropic: 'claude-haiku-4-5',
} as const satisfies Record<LlmProvider, string>

export interface ModelConfig {
	provider: LlmProvider
	/** Default: the provider's entry in DEFAULT_MODELS. */
	model?: string | undefined
	/** Not needed where `baseUrl` leads to a server without keys. */
	apiKey?: string | undefined
	/** Of an OpenAI-compatible or Anthropic-compatible server; default: the vendor's. */
	baseUrl?: string | undefined
	/** How long the provider may be silent before the first text. Default 60 s. */
	firstTokenTimeoutMs?: number | undefined
	/** How long it may be silent after that. Default 30 s. */
	idleTimeoutMs?: number | undefined
	/** Of a request that failed before its first frame. Default 2. */
	maxRetries?: number | undefined
}

/**
 * Makes a model; calls nobody, and checks no key: a wrong one shows at the first question. A vendor's SDK is loaded when it is the one asked for:
 * it takes a tenth of a start.
 */
export async function createModel(config: ModelConfig): Promise<ChatModel> {
	const { provider, apiKey, baseUrl, firstTokenTimeoutMs = 60_000, idleTimeoutMs = 30_000, maxRetries = 2 } = config
	const options = { model: config.model || DEFAULT_MODELS[provider], apiKey, baseUrl, firstTokenTimeoutMs, idleTimeoutMs, maxRetries }
	switch (provider) {
		case 'extractive':
			return createExtractiveModel()
		case 'openai':
			return (await import('./openai.ts')).createOpenAIModel(options)
		case 'anthropic':
			return (await import('./anthropic.ts')).createAnthropicModel(options)
		default:
			throw new Error(`No such provider: ${provider satisfies never}`)
	}
}
