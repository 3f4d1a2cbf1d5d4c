import { AppError } from '../errors.ts'
import { createExtractiveModel } from './extractive.ts'
import type { ChatModel } from './model.ts'
import type { Listed, ListOptions } from './remote.ts'

/** Who can answer. The default is the small current model of each vendor, from the lists of ids in their SDKs (openai 7.57, @anthropic-ai/sdk 1.12). */
export const LLM_PROVIDERS = {
	extractive: { needsKey: false, defaultModel: 'extractive' },
	openai: { needsKey: true, defaultModel: 'gpt-5.4-mini' },
	anthropic: { needsKey: true, defaultModel: 'claude-haiku-4-5' },
} as const
export type LlmProvider = keyof typeof LLM_PROVIDERS
export type RemoteProvider = Exclude<LlmProvider, 'extractive'>

export interface ModelConfig {
	/** One of {@link LLM_PROVIDERS}. */
	provider: string
	/** Default: the provider's own default. */
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
 * @throws AppError UNPROCESSABLE for a provider that is none.
 */
export async function createModel(config: ModelConfig): Promise<ChatModel> {
	const { apiKey, baseUrl, firstTokenTimeoutMs = 60_000, idleTimeoutMs = 30_000, maxRetries = 2 } = config
	const provider = llmProvider(config.provider)
	const options = { model: modelOf(config), apiKey, baseUrl, firstTokenTimeoutMs, idleTimeoutMs, maxRetries }
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

/** Asks the provider for its models. @throws what its SDK throws. */
export async function listModels(provider: RemoteProvider, options: ListOptions, signal: AbortSignal): Promise<Listed[]> {
	switch (provider) {
		case 'openai':
			return (await import('./openai.ts')).listOpenAIModels(options, signal)
		case 'anthropic':
			return (await import('./anthropic.ts')).listAnthropicModels(options, signal)
		default:
			throw new Error(`No such provider: ${provider satisfies never}`)
	}
}

/** The model that is asked. */
export const modelOf = ({ provider, model }: Pick<ModelConfig, 'provider' | 'model'>): string =>
	model || LLM_PROVIDERS[llmProvider(provider)].defaultModel

/** @throws AppError UNPROCESSABLE */
export function llmProvider(provider: string): LlmProvider {
	if (Object.hasOwn(LLM_PROVIDERS, provider)) return provider as LlmProvider
	throw new AppError('unknownProvider', { at: 'llmProvider', provider, known: Object.keys(LLM_PROVIDERS).join(', ') })
}
