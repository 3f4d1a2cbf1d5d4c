import type { LlmProvider } from './index.ts'

interface Row {
	id: string
	name: string
	/** Its context window, in tokens. */
	maxTokens: number
}

/**
 * Models that are known without asking: ids from the SDKs (openai 7.57, @anthropic-ai/sdk 1.12), context windows from the vendors' model pages
 * (developers.openai.com/api/docs/models, platform.claude.com/docs/en/models), November 2026.
 */
export const TABLE: Readonly<Record<LlmProvider, readonly Row[]>> = {
	extractive: [{ id: 'extractive', name: 'Extractive', maxTokens: 8_192 }],
	openai: [
		{ id: 'gpt-5.4-mini', name: 'GPT-5.4 mini', maxTokens: 400_000 },
		{ id: 'gpt-5', name: 'GPT-5', maxTokens: 400_000 },
		{ id: 'gpt-5-mini', name: 'GPT-5 mini', maxTokens: 400_000 },
		{ id: 'gpt-5-nano', name: 'GPT-5 nano', maxTokens: 400_000 },
		{ id: 'gpt-4.1', name: 'GPT-4.1', maxTokens: 1_047_576 },
		{ id: 'gpt-4.1-mini', name: 'GPT-4.1 mini', maxTokens: 1_047_576 },
		{ id: 'gpt-4.1-nano', name: 'GPT-4.1 nano', maxTokens: 1_047_576 },
		{ id: 'o3', name: 'o3', maxTokens: 200_000 },
		{ id: 'o4-mini', name: 'o4-mini', maxTokens: 200_000 },
		{ id: 'gpt-4o', name: 'GPT-4o', maxTokens: 128_000 },
		{ id: 'gpt-4o-mini', name: 'GPT-4o mini', maxTokens: 128_000 },
		{ id: 'gpt-4', name: 'GPT-4', maxTokens: 8_192 },
	],
	anthropic: [
		{ id: 'claude-opus-5-5', name: 'Claude Opus 5.5', maxTokens: 1_000_000 },
		{ id: 'claude-opus-5', name: 'Claude Opus 5', maxTokens: 1_000_000 },
		{ id: 'claude-sonnet-5', name: 'Claude Sonnet 5', maxTokens: 1_000_000 },
		{ id: 'claude-opus-4-5', name: 'Claude Opus 4.5', maxTokens: 200_000 },
		{ id: 'claude-sonnet-4-5', name: 'Claude Sonnet 4.5', maxTokens: 200_000 },
		{ id: 'claude-haiku-4-5', name: 'Claude Haiku 4.5', maxTokens: 200_000 },
	],
}
