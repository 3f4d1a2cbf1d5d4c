const times = { createdAt: '2024-01-01T00:00:00.000Z', updatedAt: '2024-01-01T00:00:00.000Z' }
const standard = {
	id: 1,
	name: '默认工作空间',
	slug: 'default-workspace',
	description: '默认工作空间描述',
	mode: 'chat',
	chunkTokens: 400,
	chunkOverlap: 40,
	threshold: null,
	topN: null,
	denseWeight: null,
	rerank: false,
	...times,
}
const own = { ...standard, id: 2, name: '我的工作空间', slug: 'my-workspace', description: '工作空间描述' }

export const workspaces = {
	workspacePage: {
		title: '获取所有工作空间',
		data: { workspaces: [standard], pagination: { page: 1, limit: 1000, total: 1, pages: 1 } },
	},
	createWorkspace: {
		title: '创建工作空间',
		request: { name: '我的工作空间', description: '工作空间描述' },
		data: { workspace: own },
	},
	workspace: { title: '获取工作空间详情', data: { workspace: { ...standard, documents: [], threads: [] } } },
	updateWorkspace: {
		title: '更新工作空间',
		request: { name: '更新的工作空间名称', description: '更新的描述' },
		data: {
			workspace: { ...own, name: '更新的工作空间名称', description: '更新的描述', updatedAt: '2024-01-02T00:00:00.000Z' },
		},
	},
	deleteWorkspace: { title: '删除工作空间', data: {} },
}
