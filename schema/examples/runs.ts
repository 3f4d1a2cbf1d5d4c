const run = {
	id: 'run-456',
	status: 'completed',
	threadId: 'thread-123',
	mode: 'chat',
	message: '你好,请帮我总结一下上传的文档',
	provider: 'openai',
	model: 'gpt-4o',
	usage: { promptTokens: 512, completionTokens: 64, totalTokens: 576, estimated: false },
	error: null,
	partial: null,
	createdAt: '2024-01-01T00:00:00.000Z',
	endedAt: '2024-01-01T00:00:03.000Z',
}

export const runs = {
	workspaceRun: { title: '获取运行', data: { run } },
	cancelChat: { title: '取消回答', data: { run: { ...run, status: 'cancelled', usage: null, partial: '根据您上传的文档' } } },
}
