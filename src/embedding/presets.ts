import type { EmbeddingKind } from './embedder.ts'
import { type KnownModel, knownModel } from './known-models.ts'

/** An endpoint that speaks OpenAI's embeddings, as its vendor describes it. */
export interface Preset {
	/** Where the vendor serves it. */
	baseUrl: string
	needsKey: boolean
	/** The model of who names none. */
	defaultModel: string
	/** Of one request. */
	maxTexts: number
	/** Of one request, all its texts together; null where the vendor names no such limit. */
	maxRequestTokens: number | null
	/** What a request has besides the model and the texts. */
	extra?(model: string, kind: EmbeddingKind): object
	/** The vendor's own models. */
	models: Readonly<Record<string, Omit<KnownModel, 'source'>>>
	/** The page that says so, November 2026. */
	source: string
}

const many = (dimensions: number | null, maxTokens: number) => ({ dimensions, maxTokens, languages: null })

/**
 * Endpoints that need no base URL. `openai` with a base URL is any other server that speaks the same; of the open models that such servers have,
 * limits and prefixes are in `known-models.ts`.
 */
export const PRESETS = {
	openai: {
		...{ baseUrl: 'https://api.openai.com/v1', needsKey: true, defaultModel: 'text-embedding-3-small' },
		...{ maxTexts: 2_048, maxRequestTokens: 300_000, models: {} },
		source: 'https://developers.openai.com/api/reference/resources/embeddings/methods/create',
	},
	ollama: {
		...{ baseUrl: 'http://localhost:11434/v1', needsKey: false, defaultModel: 'bge-m3' },
		...{ maxTexts: 64, maxRequestTokens: null, models: {} },
		source: 'https://docs.ollama.com/api/openai-compatibility',
	},
	jina: {
		...{ baseUrl: 'https://api.jina.ai/v1', needsKey: true, defaultModel: 'jina-embeddings-v3', maxTexts: 512, maxRequestTokens: null },
		extra: (model, kind) => (/-v[1-2]/.test(model) ? {} : { task: `retrieval.${kind}` }),
		models: {
			'jina-embeddings-v3': many(1_024, 8_192),
			'jina-embeddings-v4': many(2_048, 32_768),
			'jina-embeddings-v2-base-zh': { dimensions: 768, maxTokens: 8_192, languages: ['zh', 'en'] },
			'jina-embeddings-v2-base-en': { dimensions: 768, maxTokens: 8_192, languages: ['en'] },
		},
		source: 'https://api.jina.ai/openapi.json',
	},
	voyage: {
		...{ baseUrl: 'https://api.voyageai.com/v1', needsKey: true, defaultModel: 'voyage-3.5', maxTexts: 1_000, maxRequestTokens: 120_000 },
		extra: (_model, kind) => ({ input_type: kind === 'query' ? 'query' : 'document', truncation: false }),
		models: {
			'voyage-3.5': many(1_024, 32_000),
			'voyage-3.5-lite': many(1_024, 32_000),
			'voyage-3-large': many(1_024, 32_000),
			'voyage-4': many(null, 32_000),
			'voyage-4-lite': many(null, 32_000),
			'voyage-4-large': many(null, 32_000),
			'voyage-law-2': { dimensions: 1_024, maxTokens: 16_000, languages: ['en'] },
		},
		source: 'https://docs.voyageai.com/reference/embeddings-api',
	},
	dashscope: {
		...{ baseUrl: 'https://dashscope.aliyuncs.com/compatible-mode/v1', needsKey: true, defaultModel: 'text-embedding-v4' },
		...{ maxTexts: 10, maxRequestTokens: 8_192 },
		models: { 'text-embedding-v4': many(1_024, 8_192), 'text-embedding-v3': many(1_024, 8_192) },
		source: 'https://help.aliyun.com/zh/model-studio/text-embedding-synchronous-api',
	},
	zhipu: {
		...{ baseUrl: 'https://open.bigmodel.cn/api/paas/v4', needsKey: true, defaultModel: 'embedding-3' },
		...{ maxTexts: 64, maxRequestTokens: 8_192 },
		models: { 'embedding-3': many(2_048, 3_072), 'embedding-2': many(1_024, 512) },
		source: 'https://docs.bigmodel.cn/api-reference/模型-api/文本嵌入',
	},
	mistral: {
		...{ baseUrl: 'https://api.mistral.ai/v1', needsKey: true, defaultModel: 'mistral-embed', maxTexts: 256, maxRequestTokens: 16_000 },
		models: { 'mistral-embed': many(1_024, 8_192) },
		source: 'https://docs.mistral.ai/capabilities/embeddings/text_embeddings',
	},
	siliconflow: {
		...{ baseUrl: 'https://api.siliconflow.cn/v1', needsKey: true, defaultModel: 'BAAI/bge-m3', maxTexts: 32, maxRequestTokens: null },
		models: { 'Qwen/Qwen3-Embedding-0.6B': { ...knownModel('Qwen3-Embedding-0.6B'), dimensions: 1_024 } },
		source: 'https://docs.siliconflow.cn/api-reference/embeddings/create-embeddings',
	},
	gemini: {
		...{ baseUrl: 'https://generativelanguage.googleapis.com/v1beta/openai', needsKey: true, defaultModel: 'gemini-embedding-001' },
		...{ maxTexts: 100, maxRequestTokens: null },
		models: { 'gemini-embedding-001': many(3_072, 2_048) },
		source: 'https://ai.google.dev/gemini-api/docs/openai',
	},
} satisfies Readonly<Record<string, Preset>>

/** What is known of a model at its vendor, else by its name. */
export const modelAt = (preset: Preset, model: string): Omit<KnownModel, 'source'> =>
	(Object.hasOwn(preset.models, model) ? preset.models[model] : undefined) ?? knownModel(model)
