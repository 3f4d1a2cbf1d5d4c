const message = '你好,请帮我总结一下上传的文档'
const response = '根据您上传的文档,我为您总结如下...'
const source = {
	document: 'document.pdf',
	chunk: '文档片段内容...',
	score: 0.85,
	documentId: 1,
	chunkId: 7,
	page: 1,
	start: 7,
	end: 16,
	heading: '第一章 概述',
}

export const chat = {
	sendMessage: {
		title: '发送消息',
		request: { message, mode: 'chat', threadId: null },
		data: {
			response,
			sources: [source],
			threadId: 'thread-123',
			chatId: 1,
			runId: 'run-456',
			citations: [],
			usage: { promptTokens: 512, completionTokens: 64, totalTokens: 576, estimated: false },
		},
	},
	chatHistory: {
		title: '获取对话历史',
		data: {
			chats: [
				{
					id: 1,
					message,
					response,
					threadId: 'thread-123',
					runId: 'run-456',
					sources: [source],
					citations: [],
					createdAt: '2024-01-01T00:00:00.000Z',
				},
			],
		},
	},
}
