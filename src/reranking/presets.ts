/** An endpoint that takes `{model, query, documents, top_n}` and answers `results[{index, relevance_score}]`, as its vendor describes it. */
export interface Preset {
	/** Where the vendor serves it. */
	baseUrl: string
	/** Below the address; `/rerank` unless the vendor calls it otherwise. */
	path?: string
	/** What the vendor calls `top_n`. */
	topN?: string
	/** What a request has besides. */
	extra?: object
	needsKey: boolean
	/** The model of who names none. */
	defaultModel: string
	/** What a model reads of a document and the query together, in its tokens; of others the smallest in use. */
	maxTokens: Readonly<Record<string, number>>
	/** The page that says so, November 2026. */
	source: string
}

/** Endpoints that need no base URL. `jina` with a base URL is any other server that speaks the same: vLLM, llama.cpp, Xinference, LocalAI, Infinity. */
export const PRESETS = {
	jina: {
		...{ baseUrl: 'https://api.jina.ai/v1', needsKey: true, defaultModel: 'jina-reranker-v2-base-multilingual' },
		maxTokens: { 'jina-reranker-v2-base-multilingual': 1_024, 'jina-reranker-v3': 8_192, 'jina-reranker-m0': 8_192 },
		source: 'https://api.jina.ai/openapi.json',
	},
	cohere: {
		...{ baseUrl: 'https://api.cohere.com/v2', needsKey: true, defaultModel: 'rerank-v3.5' },
		maxTokens: { 'rerank-v3.5': 4_096, 'rerank-multilingual-v3.0': 4_096, 'rerank-english-v3.0': 4_096 },
		source: 'https://docs.cohere.com/reference/rerank',
	},
	voyage: {
		...{ baseUrl: 'https://api.voyageai.com/v1', needsKey: true, defaultModel: 'rerank-2.5', topN: 'top_k', extra: { truncation: false } },
		maxTokens: { 'rerank-2.5': 32_000, 'rerank-2.5-lite': 32_000, 'rerank-2': 16_000, 'rerank-2-lite': 8_000 },
		source: 'https://docs.voyageai.com/reference/reranker-api',
	},
	dashscope: {
		...{ baseUrl: 'https://dashscope.aliyuncs.com/compatible-api/v1', path: '/reranks', needsKey: true, defaultModel: 'qwen3-rerank' },
		maxTokens: { 'qwen3-rerank': 4_000 },
		source: 'https://help.aliyun.com/zh/model-studio/text-rerank-api',
	},
	zhipu: {
		...{ baseUrl: 'https://open.bigmodel.cn/api/paas/v4', needsKey: true, defaultModel: 'rerank' },
		maxTokens: { rerank: 3_000 },
		source: 'https://docs.bigmodel.cn/api-reference/模型-api/文本重排序',
	},
	siliconflow: {
		...{ baseUrl: 'https://api.siliconflow.cn/v1', needsKey: true, defaultModel: 'BAAI/bge-reranker-v2-m3' },
		maxTokens: { 'BAAI/bge-reranker-v2-m3': 8_192 },
		source: 'https://docs.siliconflow.cn/api-reference/rerank/create-rerank',
	},
} as const satisfies Readonly<Record<string, Preset>>
