import type { ChatModel } from './model.ts'
export function createExtractiveModel(): ChatModel {
	throw new Error()
}
