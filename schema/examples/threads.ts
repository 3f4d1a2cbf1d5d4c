const thread = { id: 'thread-123', title: '总结文档', createdAt: '2024-01-01T00:00:00.000Z', updatedAt: '2024-01-01T00:00:00.000Z' }

export const threads = {
	threadPage: { title: '获取对话线程列表', data: { threads: [thread], pagination: { page: 1, limit: 1000, total: 1, pages: 1 } } },
	workspaceThread: { title: '获取对话线程', data: { thread } },
	createThread: { title: '创建对话线程', request: { title: '总结文档' }, data: { thread } },
	updateThread: { title: '重命名对话线程', request: { title: '文档摘要' }, data: { thread: { ...thread, title: '文档摘要' } } },
	deleteThread: { title: '删除对话线程', data: {} },
}
