import { examples } from './examples/index.ts'

/** The reference's sections, in its order, and ours. A route belongs to the last segment of its path that one names. */
const tags = [
	{ name: 'auth', title: { zh: '认证', en: 'Authentication' }, segments: ['auth'] },
	{ name: 'workspaces', title: { zh: '工作空间', en: 'Workspaces' }, segments: ['workspaces'] },
	{ name: 'members', title: { zh: '工作空间成员', en: 'Members of a workspace' }, segments: ['members'] },
	{ name: 'documents', title: { zh: '文档', en: 'Documents' }, segments: ['documents'] },
	{ name: 'chat', title: { zh: '对话', en: 'Chat' }, segments: ['chat', 'chats', 'threads', 'runs'] },
	{ name: 'search', title: { zh: '检索', en: 'Search' }, segments: ['search'] },
	{ name: 'system', title: { zh: '系统', en: 'System' }, segments: ['system'] },
	{ name: 'users', title: { zh: '用户管理', en: 'Users' }, segments: ['users'] },
] as const

const description = `文档对话 API 的 REST 接口。The REST side of a document-chat API; the same fields are served by GraphQL at \`/graphql\`.

- 所有 JSON 响应使用同一格式 / every JSON answer stands in one envelope: \`{"success", "data", "error", "message"}\`.
- 认证 / authentication: \`Authorization: Bearer <token>\`, the token of \`POST /auth/login\`.
- 语言 / language: \`message\` and \`error\` are Chinese, English where \`Accept-Language\` prefers it.
- 错误 / errors: the header \`X-Error-Code\` names what went wrong, \`X-Request-Id\` the request in the server's log. Any path answers another method with 405 and \`Allow\`, and a path that is not there with 404.
- 限流 / limits, a minute: auth 10, chat 30, upload 5, others 100 (by configuration). \`RateLimit-Policy\` and \`RateLimit\` tell where the caller stands.
- Every GET answers HEAD too; all headers of a request together have 16 KiB, more are refused with 431.`

/** What the OpenAPI document says that the schema does not. */
export const openApi = (version: string) => ({
	info: {
		title: 'anythingllm-api',
		version,
		summary: '文档对话 API / a document-chat API',
		description,
		contact: { name: 'anythingllm-api' },
		license: { name: 'MIT', identifier: 'MIT' },
	},
	server: {
		description: '本服务 / this server: `http://localhost:3001/api` where it runs locally, the same path in production.',
		'x-internal': false,
	},
	tags,
	examples,
})
