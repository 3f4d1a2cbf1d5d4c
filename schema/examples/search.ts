export const search = {
	search: {
		title: '检索文档片段',
		data: {
			results: [
				{
					document: 'document.pdf',
					documentId: 1,
					chunkId: 7,
					chunk: '文档片段内容...',
					score: 0.85,
					lexicalScore: 0.85,
					denseScore: null,
					page: 1,
					start: 7,
					end: 16,
					heading: '第一章 概述',
				},
			],
		},
	},
}
