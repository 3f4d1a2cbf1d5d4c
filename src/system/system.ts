import { type StorageMeter, sizeInWords } from './storage-use.ts'

/** What keeps the vectors. */
export type VectorDB = 'embedded' | 'postgres' | 'milvus'

/** What this server is made of, and what it takes. */
export interface SystemInfo {
	version: string
	llmProvider: string
	llmModel: string
	vectorDB: VectorDB
	embeddingProvider: string
	embeddingModel: string
	storage: { used: string; available: string }
}

interface Dependencies {
	version: string
	vectorDB: VectorDB
	/** Who answers and who embeds, now. */
	providers(): Promise<Pick<SystemInfo, 'llmProvider' | 'llmModel' | 'embeddingProvider' | 'embeddingModel'>>
	meter: StorageMeter
}

export type System = ReturnType<typeof createSystem>

export function createSystem({ version, vectorDB, providers, meter }: Dependencies) {
	return {
		/** @throws AppError UNAVAILABLE */
		async info(): Promise<SystemInfo> {
			const [{ llmProvider, llmModel, embeddingProvider, embeddingModel }, { used, available }] = await Promise.all([
				providers(),
				meter.read(),
			])
			const storage = { used: sizeInWords(used), available: sizeInWords(available) }
			return { version, llmProvider, llmModel, vectorDB, embeddingProvider, embeddingModel, storage }
		},
	}
}
