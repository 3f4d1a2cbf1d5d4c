const span = { start: 7, end: 16 }
const passage = { text: '文档片段内容...', ...span, highlights: [{ start: 7, end: 9 }] }
const result = {
	document: 'document.pdf',
	documentId: 1,
	workspace: 'default-workspace',
	chunkId: 7,
	chunk: '文档片段内容...',
	score: 0.85,
	lexicalScore: 0.85,
	denseScore: null,
	fusedScore: 1,
	rerankScore: null,
	page: 1,
	...span,
	heading: '第一章 概述',
	matchedTerms: [{ term: '文档', count: 1, share: 0.6 }],
	snippet: passage,
	passage: { text: passage.text, ...span, chunkIds: [7], highlights: passage.highlights },
	duplicates: [{ document: 'copy.pdf', documentId: 2, workspace: 'default-workspace', chunkId: 9, score: 0.84, start: 7, end: 16 }],
}

export const search = {
	search: { title: '检索文档片段', data: { results: [result] } },
	searchAll: { title: '跨工作空间检索', data: { results: [result] } },
}
