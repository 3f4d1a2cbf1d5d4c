const uploaded = {
	id: 1,
	filename: 'document.pdf',
	originalName: '我的文档.pdf',
	mimeType: 'application/pdf',
	size: 1024000,
	workspaceId: 1,
	processed: false,
	status: 'uploaded',
	error: null,
	progress: { stage: 'uploaded', done: 0, total: 0, secondsLeft: null },
	stages: [],
	processingTime: null,
	chunks: 0,
	metadata: { author: '张三' },
	version: 1,
	pendingVersion: null,
	createdAt: '2024-01-01T00:00:00.000Z',
	updatedAt: '2024-01-01T00:00:00.000Z',
}
const processed = {
	...uploaded,
	processed: true,
	status: 'processed',
	progress: { stage: 'processed', done: 15, total: 15, secondsLeft: 0 },
	stages: [
		{ stage: 'uploaded', startedAt: '2024-01-01T00:00:00.000Z', endedAt: '2024-01-01T00:00:01.000Z', duration: 1_000 },
		{ stage: 'parsing', startedAt: '2024-01-01T00:00:01.000Z', endedAt: '2024-01-01T00:00:03.000Z', duration: 2_000 },
		{ stage: 'chunking', startedAt: '2024-01-01T00:00:03.000Z', endedAt: '2024-01-01T00:00:04.000Z', duration: 1_000 },
		{ stage: 'embedding', startedAt: '2024-01-01T00:00:04.000Z', endedAt: '2024-01-01T00:00:29.000Z', duration: 25_000 },
		{ stage: 'indexing', startedAt: '2024-01-01T00:00:29.000Z', endedAt: '2024-01-01T00:00:30.000Z', duration: 1_000 },
	],
	processingTime: 30_000,
	chunks: 15,
	updatedAt: '2024-01-01T00:00:30.000Z',
}

export const documents = {
	uploadDocument: { title: '上传文档', request: { file: '我的文档.pdf', metadata: { author: '张三' } }, data: { document: uploaded } },
	addText: {
		title: '添加文本',
		request: { title: '会议纪要', text: '今天讨论了发布计划。', metadata: { author: '张三' } },
		data: {
			document: { ...uploaded, filename: 'hui-yi-ji-yao.txt', originalName: '会议纪要.txt', mimeType: 'text/plain', size: 30 },
		},
	},
	documentEvents: {
		title: '跟随文档的处理进度',
		data: {
			event: 'progressed',
			data: {
				documentId: 1,
				filename: 'document.pdf',
				version: 1,
				status: 'embedding',
				progress: { stage: 'embedding', done: 8, total: 15, secondsLeft: 12 },
				error: null,
			},
		},
	},
	workspaceEvents: { title: '跟随工作空间的所有文档', data: { event: 'deleted', data: { documentId: 1 } } },
	documentFile: { title: '下载原文件', data: '员工每年享有十天带薪年假。' },
	documentChunkPage: {
		title: '文档的文本块',
		data: {
			chunks: [{ id: 1, ordinal: 0, text: '员工每年享有十天带薪年假。', start: 5, end: 18, page: 1, heading: '员工手册 > 休假' }],
			pagination: { page: 1, limit: 1_000, total: 15, pages: 1 },
		},
	},
	documentPage: {
		title: '获取文档列表',
		data: { documents: [processed], pagination: { page: 1, limit: 20, total: 1, pages: 1 } },
	},
	workspaceDocument: { title: '获取文档详情', data: { document: processed } },
	documentText: {
		title: '获取文档文本',
		data: {
			documentId: 1,
			filename: 'document.pdf',
			text: '第一章 概述\n文档片段内容...',
			pages: [{ page: 1, start: 0, end: 16 }],
			headings: [{ level: 1, start: 0, title: '第一章 概述' }],
		},
	},
	replaceDocument: {
		title: '上传新版本',
		request: { file: '我的文档（修订）.pdf' },
		data: {
			document: {
				...processed,
				pendingVersion: {
					version: 2,
					originalName: '我的文档（修订）.pdf',
					mimeType: 'application/pdf',
					size: 1_030_000,
					status: 'uploaded',
					error: null,
					progress: { stage: 'uploaded', done: 0, total: 0, secondsLeft: null },
					createdAt: '2024-01-02T00:00:00.000Z',
				},
			},
		},
	},
	reprocessDocument: { title: '重新处理文档', data: { document: uploaded } },
	deleteDocument: { title: '删除文档', data: {} },
}
