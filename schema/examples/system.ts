const changed = {
	llmProvider: 'anthropic',
	llmApiKey: 'your-api-key',
	embeddingProvider: 'openai',
	embeddingApiKey: 'your-embedding-key',
}
const settings = {
	llmProvider: 'anthropic',
	llmModel: null,
	llmApiKey: '********',
	llmBaseUrl: null,
	embeddingProvider: 'openai',
	embeddingModel: null,
	embeddingApiKey: '********-key',
	embeddingBaseUrl: null,
	rerankingProvider: 'none',
	rerankingModel: null,
	rerankingApiKey: null,
	rerankingBaseUrl: null,
	updatedAt: '2024-01-01T00:00:00.000Z',
	problem: null,
}

const reindexing = {
	embedder: 'openai/text-embedding-3-small',
	status: 'running',
	done: 1200,
	total: 5000,
	secondsLeft: 95,
	tokens: 1250000,
	error: null,
	startedAt: '2024-01-01T00:00:00.000Z',
}

export const system = {
	reindexingState: { title: '查看索引重建进度', data: { reindexing } },
	reindexingEstimate: { title: '估算索引重建的工作量', data: { estimate: { documents: 120, chunks: 5000, tokens: 1250000 } } },
	pauseReindexing: { title: '暂停索引重建', data: { reindexing: { ...reindexing, status: 'paused', secondsLeft: null } } },
	resumeReindexing: { title: '继续索引重建', data: { reindexing } },
	cancelReindexing: { title: '取消索引重建', data: { embedder: 'openai/text-embedding-3-small' } },
	systemInfo: {
		title: '获取系统信息',
		data: {
			version: '1.0.0',
			llmProvider: 'openai',
			llmModel: 'gpt-4',
			vectorDB: 'milvus',
			embeddingProvider: 'openai',
			embeddingModel: 'text-embedding-3-small',
			storage: { used: '1.2GB', available: '8.8GB' },
		},
	},
	updateSettings: { title: '更新系统设置', request: changed, data: { settings } },
	settings: { title: '获取系统设置', data: { settings } },
	testSettings: {
		title: '测试系统设置',
		request: { llmProvider: 'anthropic', llmApiKey: 'your-api-key' },
		data: { ok: true, detail: '你好' },
	},
	models: {
		title: '获取支持的模型',
		data: {
			models: [
				{ id: 'gpt-4', name: 'GPT-4', provider: 'openai', maxTokens: 8192, source: 'provider' },
				{ id: 'claude-3-opus', name: 'Claude 3 Opus', provider: 'anthropic', maxTokens: 200000, source: 'table' },
			],
		},
	},
}
