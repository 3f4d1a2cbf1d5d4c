import type { Operation } from './surfaces.ts'

/** The operations that both surfaces have, with all that REST shows of them. */
const USER = 'id username role createdAt lastLogin'
const WORKSPACE = 'id name slug description mode chunkTokens chunkOverlap threshold topN denseWeight rerank createdAt updatedAt'
const DOCUMENT =
	'id filename originalName mimeType size workspaceId processed status error { code reason } progress { stage done total secondsLeft } stages { stage startedAt endedAt duration } processingTime chunks metadata version pendingVersion { version originalName mimeType size status error { code reason } progress { stage done total } createdAt } createdAt updatedAt'
const SOURCE = 'document chunk score documentId chunkId page start end heading'
const CITATION = 'marker answerStart answerEnd documentId chunkId document page start end quote supported'
const PAGINATION = 'page limit total pages'

type Input = { input: Record<string, unknown> }
type InWorkspace = { slug: string }

const segment = (value: string | number) => encodeURIComponent(value)
const queryOf = (args: Record<string, unknown>): string => {
	const given = Object.entries(args).filter(([, value]) => value !== undefined)
	return given.length === 0 ? '' : `?${new URLSearchParams(given.map(([name, value]) => [name, String(value)]))}`
}

export const login: Operation<Input> = {
	rest: ({ input }) => ({ method: 'POST', path: '/auth/login', body: input }),
	graphql: { query: `mutation ($input: LoginInput!) { login(input: $input) { token user { ${USER} } } }` },
}
export const verify: Operation<Record<never, never>> = {
	rest: () => ({ method: 'GET', path: '/auth/verify' }),
	graphql: { query: `{ verify { valid user { ${USER} } } }` },
}
export const logout: Operation<Record<never, never>> = {
	rest: () => ({ method: 'POST', path: '/auth/logout' }),
	graphql: { query: 'mutation { logout { ended } }' },
}
export const listWorkspaces: Operation<{ page?: number; limit?: number; search?: string }> = {
	rest: (args) => ({ method: 'GET', path: `/workspaces${queryOf(args)}` }),
	graphql: {
		query: `query ($page: Int = 1, $limit: Int = 1000, $search: String) { workspacePage(page: $page, limit: $limit, search: $search) { workspaces { ${WORKSPACE} } pagination { ${PAGINATION} } } }`,
	},
}
export const createWorkspace: Operation<Input> = {
	rest: ({ input }) => ({ method: 'POST', path: '/workspaces', body: input }),
	graphql: { query: `mutation ($input: CreateWorkspaceInput!) { createWorkspace(input: $input) { workspace { ${WORKSPACE} } } }` },
}
export const updateWorkspace: Operation<InWorkspace & Input> = {
	rest: ({ slug, input }) => ({ method: 'PUT', path: `/workspaces/${segment(slug)}`, body: input }),
	graphql: {
		query: `mutation ($slug: String!, $input: UpdateWorkspaceInput!) { updateWorkspace(slug: $slug, input: $input) { workspace { ${WORKSPACE} } } }`,
	},
}
export const deleteWorkspace: Operation<InWorkspace> = {
	rest: ({ slug }) => ({ method: 'DELETE', path: `/workspaces/${segment(slug)}` }),
	graphql: { query: 'mutation ($slug: String!) { deleteWorkspace(slug: $slug) { slug } }' },
}
function formOf(input: Record<string, unknown>): FormData {
	const body = new FormData()
	for (const [name, value] of Object.entries(input))
		body.set(name, value instanceof Blob ? value : typeof value === 'string' ? value : JSON.stringify(value))
	return body
}

/** The file is a `File`. Of REST the fields of `input` go as parts in their order. */
export const uploadDocument: Operation<InWorkspace & Input> = {
	rest: ({ slug, input }) => ({ method: 'POST', path: `/workspaces/${segment(slug)}/documents`, body: formOf(input) }),
	graphql: {
		query: `mutation ($slug: String!, $input: UploadDocumentInput!) { uploadDocument(slug: $slug, input: $input) { document { ${DOCUMENT} } } }`,
	},
}
/** The files are `File`s. Over REST `documents` says what became of each, over GraphQL `results`. */
export const uploadDocuments: Operation<InWorkspace & { input: { files: readonly File[]; metadata?: unknown } }> = {
	rest: ({ slug, input: { files, ...rest } }) => {
		const body = formOf(rest)
		for (const file of files) body.append('file', file)
		return { method: 'POST', path: `/workspaces/${segment(slug)}/documents`, body }
	},
	graphql: {
		query: `mutation ($slug: String!, $input: UploadDocumentsInput!) { uploadDocuments(slug: $slug, input: $input) { results { filename document { ${DOCUMENT} } error { code reason } } } }`,
	},
}
export const addText: Operation<InWorkspace & Input> = {
	rest: ({ slug, input }) => ({ method: 'POST', path: `/workspaces/${segment(slug)}/documents/text`, body: input }),
	graphql: {
		query: `mutation ($slug: String!, $input: AddTextInput!) { addText(slug: $slug, input: $input) { document { ${DOCUMENT} } } }`,
	},
}
export const replaceDocument: Operation<InWorkspace & { documentId: number } & Input> = {
	rest: ({ slug, documentId, input }) => ({
		method: 'PUT',
		path: `/workspaces/${segment(slug)}/documents/${documentId}`,
		body: formOf(input),
	}),
	graphql: {
		query: `mutation ($slug: String!, $documentId: ID!, $input: ReplaceDocumentInput!) { replaceDocument(slug: $slug, documentId: $documentId, input: $input) { document { ${DOCUMENT} } } }`,
	},
}
export const reprocessDocument: Operation<InWorkspace & { documentId: number }> = {
	rest: ({ slug, documentId }) => ({ method: 'POST', path: `/workspaces/${segment(slug)}/documents/${documentId}/reprocess` }),
	graphql: {
		query: `mutation ($slug: String!, $documentId: ID!) { reprocessDocument(slug: $slug, documentId: $documentId) { document { ${DOCUMENT} } } }`,
	},
}
export const listDocuments: Operation<InWorkspace & { page?: number; limit?: number; search?: string }> = {
	rest: ({ slug, ...args }) => ({ method: 'GET', path: `/workspaces/${segment(slug)}/documents${queryOf(args)}` }),
	graphql: {
		query: `query ($slug: String!, $page: Int = 1, $limit: Int = 20, $search: String) { documentPage(slug: $slug, page: $page, limit: $limit, search: $search) { documents { ${DOCUMENT} } pagination { ${PAGINATION} } } }`,
	},
}
export const getDocument: Operation<InWorkspace & { documentId: number }> = {
	rest: ({ slug, documentId }) => ({ method: 'GET', path: `/workspaces/${segment(slug)}/documents/${documentId}` }),
	graphql: {
		query: `query ($slug: String!, $documentId: ID!) { document: workspaceDocument(slug: $slug, documentId: $documentId) { ${DOCUMENT} } }`,
		key: 'document',
	},
}
export const getDocumentText: Operation<InWorkspace & { documentId: number }> = {
	rest: ({ slug, documentId }) => ({ method: 'GET', path: `/workspaces/${segment(slug)}/documents/${documentId}/text` }),
	graphql: {
		query:
			'query ($slug: String!, $documentId: ID!) { documentText(slug: $slug, documentId: $documentId) { documentId filename text pages { page start end } headings { level start title } } }',
	},
}
export const getDocumentChunks: Operation<InWorkspace & { documentId: number; page?: number; limit?: number; search?: string }> = {
	rest: ({ slug, documentId, ...args }) => ({
		method: 'GET',
		path: `/workspaces/${segment(slug)}/documents/${documentId}/chunks${queryOf(args)}`,
	}),
	graphql: {
		query: `query ($slug: String!, $documentId: ID!, $page: Int = 1, $limit: Int = 1000, $search: String) { documentChunkPage(slug: $slug, documentId: $documentId, page: $page, limit: $limit, search: $search) { chunks { id ordinal text start end page heading } pagination { ${PAGINATION} } } }`,
	},
}
export const deleteDocument: Operation<InWorkspace & { documentId: number }> = {
	rest: ({ slug, documentId }) => ({ method: 'DELETE', path: `/workspaces/${segment(slug)}/documents/${documentId}` }),
	graphql: { query: 'mutation ($slug: String!, $documentId: ID!) { deleteDocument(slug: $slug, documentId: $documentId) { documentId } }' },
}
const SPAN = 'text start end highlights { start end }'
const FOUND = `document documentId workspace chunkId chunk score lexicalScore denseScore fusedScore rerankScore page start end heading
	matchedTerms { term count share } snippet { ${SPAN} } passage { ${SPAN} chunkIds } duplicates { document documentId workspace chunkId score start end }`

interface Searched extends Record<string, unknown> {
	query: string
	limit?: number
	documentIds?: readonly number[]
	/** REST's spelling. */
	types?: readonly string[]
	metadata?: unknown
	createdSince?: string
	createdBefore?: string
	join?: boolean
	fold?: boolean
	perDocument?: number
}

const SEARCH_VARIABLES =
	'$query: String!, $limit: Int, $documentIds: [ID!], $types: [DocumentType!], $metadata: JSONObject, $createdSince: DateTime, $createdBefore: DateTime, $join: Boolean = true, $fold: Boolean = true, $perDocument: Int'
const SEARCH_ARGUMENTS =
	'query: $query, limit: $limit, documentIds: $documentIds, types: $types, metadata: $metadata, createdSince: $createdSince, createdBefore: $createdBefore, join: $join, fold: $fold, perDocument: $perDocument'

/** Lists as several values of one name, JSON as its text. */
function searchQueryOf({ metadata, ...args }: Record<string, unknown>): string {
	const given = Object.entries({ ...args, ...(metadata !== undefined && { metadata: JSON.stringify(metadata) }) })
	return `?${new URLSearchParams(given.flatMap(([name, value]) => (value === undefined ? [] : [value].flat().map((one) => [name, String(one)]))))}`
}
const searchVariables = ({ types, ...args }: Searched) => ({ ...args, ...(types && { types: types.map((type) => type.toUpperCase()) }) })

export const search: Operation<InWorkspace & Searched> = {
	rest: ({ slug, ...args }) => ({ method: 'GET', path: `/workspaces/${segment(slug)}/search${searchQueryOf(args)}` }),
	graphql: {
		query: `query ($slug: String!, ${SEARCH_VARIABLES}) { search(slug: $slug, ${SEARCH_ARGUMENTS}) { edges { node { ${FOUND} } } } }`,
		variables: searchVariables,
		key: 'results',
	},
}
export const searchAll: Operation<Searched & { workspaces?: readonly string[] }> = {
	rest: (args) => ({ method: 'GET', path: `/search${searchQueryOf(args)}` }),
	graphql: {
		query: `query ($workspaces: [String!], ${SEARCH_VARIABLES}) { searchAll(workspaces: $workspaces, ${SEARCH_ARGUMENTS}) { edges { node { ${FOUND} } } } }`,
		variables: searchVariables,
		key: 'results',
	},
}
/** `mode` in the input is REST's spelling. */
export const sendMessage: Operation<InWorkspace & Input> = {
	rest: ({ slug, input }) => ({ method: 'POST', path: `/workspaces/${segment(slug)}/chat`, body: input }),
	graphql: {
		query: `mutation ($slug: String!, $input: ChatInput!) { sendMessage(slug: $slug, input: $input) { response sources { ${SOURCE} } threadId chatId runId citations { ${CITATION} } usage { promptTokens completionTokens totalTokens estimated } } }`,
		variables: ({ slug, input }) => ({
			slug,
			input: typeof input['mode'] === 'string' ? { ...input, mode: input['mode'].toUpperCase() } : input,
		}),
	},
}
export const chatHistory: Operation<InWorkspace & { threadId?: string; limit?: number }> = {
	rest: ({ slug, ...args }) => ({ method: 'GET', path: `/workspaces/${segment(slug)}/chats${queryOf(args)}` }),
	graphql: {
		query: `query ($slug: String!, $threadId: ThreadID, $limit: Int = 50) { chatHistory(slug: $slug, threadId: $threadId, limit: $limit) { chats { id message response threadId runId sources { ${SOURCE} } citations { ${CITATION} } createdAt } } }`,
	},
}
const RUN = 'id status threadId mode message provider model usage { totalTokens } error { code reason } partial createdAt endedAt'

export const getRun: Operation<InWorkspace & { runId: string }> = {
	rest: ({ slug, runId }) => ({ method: 'GET', path: `/workspaces/${segment(slug)}/runs/${segment(runId)}` }),
	graphql: {
		query: `query ($slug: String!, $runId: RunID!) { workspaceRun(slug: $slug, runId: $runId) { ${RUN} } }`,
		key: 'run',
	},
}
export const cancelChat: Operation<InWorkspace & { runId: string }> = {
	rest: ({ slug, runId }) => ({ method: 'POST', path: `/workspaces/${segment(slug)}/runs/${segment(runId)}/cancel` }),
	graphql: { query: `mutation ($slug: String!, $runId: RunID!) { cancelChat(slug: $slug, runId: $runId) { run { ${RUN} } } }` },
}

const THREAD = 'id title createdAt updatedAt'
type OfThread = InWorkspace & { threadId: string }
const threadPath = ({ slug, threadId }: OfThread) => `/workspaces/${segment(slug)}/threads/${segment(threadId)}`

export const listThreads: Operation<InWorkspace & { page?: number; limit?: number; search?: string }> = {
	rest: ({ slug, ...args }) => ({ method: 'GET', path: `/workspaces/${segment(slug)}/threads${queryOf(args)}` }),
	graphql: {
		query: `query ($slug: String!, $page: Int = 1, $limit: Int = 1000, $search: String) { threadPage(slug: $slug, page: $page, limit: $limit, search: $search) { threads { ${THREAD} } pagination { page limit total pages } } }`,
	},
}
export const getThread: Operation<OfThread> = {
	rest: (args) => ({ method: 'GET', path: threadPath(args) }),
	graphql: {
		query: `query ($slug: String!, $threadId: ThreadID!) { workspaceThread(slug: $slug, threadId: $threadId) { ${THREAD} } }`,
		key: 'thread',
	},
}
export const createThread: Operation<InWorkspace & { input: object }> = {
	rest: ({ slug, input }) => ({ method: 'POST', path: `/workspaces/${segment(slug)}/threads`, body: input }),
	graphql: {
		query: `mutation ($slug: String!, $input: CreateThreadInput!) { createThread(slug: $slug, input: $input) { thread { ${THREAD} } } }`,
	},
}
export const updateThread: Operation<OfThread & { input: object }> = {
	rest: ({ input, ...args }) => ({ method: 'PUT', path: threadPath(args), body: input }),
	graphql: {
		query: `mutation ($slug: String!, $threadId: ThreadID!, $input: UpdateThreadInput!) { updateThread(slug: $slug, threadId: $threadId, input: $input) { thread { ${THREAD} } } }`,
	},
}
export const deleteThread: Operation<OfThread> = {
	rest: (args) => ({ method: 'DELETE', path: threadPath(args) }),
	graphql: { query: 'mutation ($slug: String!, $threadId: ThreadID!) { deleteThread(slug: $slug, threadId: $threadId) { threadId } }' },
}

const CHAT_EVENT = `__typename sequence
	... on ChatStarted { runId threadId }
	... on ChatSources { sources { ${SOURCE} } }
	... on ChatDelta { text }
	... on ChatCompleted { chat { id threadId runId mode message response sources { ${SOURCE} } createdAt } usage { promptTokens completionTokens totalTokens estimated } citations { ${CITATION} } }
	... on ChatFailed { code error partial }
	... on ChatCancelled { partial }`

/** `{ runId, after }` */
export const CHAT_EVENTS = `subscription ($runId: RunID!, $after: Int = 0) { chatEvents(runId: $runId, after: $after) { ${CHAT_EVENT} } }`

export const CHAT_SUBSCRIPTION = `subscription ($slug: String!, $input: ChatInput!) { chat(slug: $slug, input: $input) { ${CHAT_EVENT} } }`

const MEMBER = 'userId username role createdAt'

export const listUsers: Operation<{ page?: number; limit?: number; search?: string; role?: string }> = {
	rest: (args) => ({ method: 'GET', path: `/users${queryOf({ ...args, role: args.role?.toLowerCase() })}` }),
	graphql: {
		query: `query ($page: Int = 1, $limit: Int = 1000, $search: String, $role: UserRole) { userPage(page: $page, limit: $limit, search: $search, role: $role) { users { ${USER} } pagination { ${PAGINATION} } } }`,
	},
}
export const createUser: Operation<Input> = {
	rest: ({ input }) => ({ method: 'POST', path: '/users', body: input }),
	graphql: { query: `mutation ($input: CreateUserInput!) { createUser(input: $input) { user { ${USER} } } }` },
}
export const getUser: Operation<{ userId: number | string }> = {
	rest: ({ userId }) => ({ method: 'GET', path: `/users/${segment(userId)}` }),
	graphql: { query: `query ($userId: ID!) { user(userId: $userId) { ${USER} } }`, key: 'user' },
}
export const updateUser: Operation<{ userId: number | string } & Input> = {
	rest: ({ userId, input }) => ({ method: 'PUT', path: `/users/${segment(userId)}`, body: input }),
	graphql: {
		query: `mutation ($userId: ID!, $input: UpdateUserInput!) { updateUser(userId: $userId, input: $input) { user { ${USER} } } }`,
	},
}
export const deleteUser: Operation<{ userId: number | string }> = {
	rest: ({ userId }) => ({ method: 'DELETE', path: `/users/${segment(userId)}` }),
	graphql: { query: 'mutation ($userId: ID!) { deleteUser(userId: $userId) { userId } }' },
}
export const listMembers: Operation<InWorkspace & { page?: number; limit?: number; search?: string }> = {
	rest: ({ slug, ...args }) => ({ method: 'GET', path: `/workspaces/${segment(slug)}/members${queryOf(args)}` }),
	graphql: {
		query: `query ($slug: String!, $page: Int = 1, $limit: Int = 1000, $search: String) { memberPage(slug: $slug, page: $page, limit: $limit, search: $search) { members { ${MEMBER} } pagination { ${PAGINATION} } } }`,
	},
}
export const getMember: Operation<InWorkspace & { userId: number | string }> = {
	rest: ({ slug, userId }) => ({ method: 'GET', path: `/workspaces/${segment(slug)}/members/${segment(userId)}` }),
	graphql: {
		query: `query ($slug: String!, $userId: ID!) { workspaceMember(slug: $slug, userId: $userId) { ${MEMBER} } }`,
		key: 'member',
	},
}
export const addMember: Operation<InWorkspace & Input> = {
	rest: ({ slug, input }) => ({ method: 'POST', path: `/workspaces/${segment(slug)}/members`, body: input }),
	graphql: {
		query: `mutation ($slug: String!, $input: AddMemberInput!) { addMember(slug: $slug, input: $input) { member { ${MEMBER} } } }`,
	},
}
export const updateMember: Operation<InWorkspace & { userId: number | string } & Input> = {
	rest: ({ slug, userId, input }) => ({ method: 'PUT', path: `/workspaces/${segment(slug)}/members/${segment(userId)}`, body: input }),
	graphql: {
		query: `mutation ($slug: String!, $userId: ID!, $input: UpdateMemberInput!) { updateMember(slug: $slug, userId: $userId, input: $input) { member { ${MEMBER} } } }`,
	},
}
export const removeMember: Operation<InWorkspace & { userId: number | string }> = {
	rest: ({ slug, userId }) => ({ method: 'DELETE', path: `/workspaces/${segment(slug)}/members/${segment(userId)}` }),
	graphql: { query: 'mutation ($slug: String!, $userId: ID!) { removeMember(slug: $slug, userId: $userId) { userId } }' },
}

const SETTINGS =
	'llmProvider llmModel llmApiKey llmBaseUrl embeddingProvider embeddingModel embeddingApiKey embeddingBaseUrl rerankingProvider rerankingModel rerankingApiKey rerankingBaseUrl updatedAt problem'

export const systemInfo: Operation<Record<never, never>> = {
	rest: () => ({ method: 'GET', path: '/system/info' }),
	graphql: {
		query: '{ systemInfo { version llmProvider llmModel vectorDB embeddingProvider embeddingModel storage { used available } } }',
	},
}
export const listModels: Operation<Record<never, never>> = {
	rest: () => ({ method: 'GET', path: '/system/models' }),
	graphql: { query: '{ models(first: 1000) { totalCount edges { node { id name provider maxTokens source } } } }' },
}
export const getSettings: Operation<Record<never, never>> = {
	rest: () => ({ method: 'GET', path: '/system/settings' }),
	graphql: { query: `{ settings { ${SETTINGS} } }`, key: 'settings' },
}
export const updateSettings: Operation<Input> = {
	rest: ({ input }) => ({ method: 'PUT', path: '/system/settings', body: input }),
	graphql: { query: `mutation ($input: UpdateSettingsInput!) { updateSettings(input: $input) { settings { ${SETTINGS} } } }` },
}
const REINDEXING = 'embedder status done total secondsLeft tokens error { code reason } startedAt'
export const reindexing: Operation<Record<never, never>> = {
	rest: () => ({ method: 'GET', path: '/system/reindexing' }),
	graphql: { query: `{ reindexingState { reindexing { ${REINDEXING} } } }` },
}
export const reindexingEstimate: Operation<Record<never, never>> = {
	rest: () => ({ method: 'GET', path: '/system/reindexing/estimate' }),
	graphql: { query: '{ reindexingEstimate { documents chunks tokens } }', key: 'estimate' },
}
export const pauseReindexing: Operation<Record<never, never>> = {
	rest: () => ({ method: 'POST', path: '/system/reindexing/pause' }),
	graphql: { query: `mutation { pauseReindexing { reindexing { ${REINDEXING} } } }` },
}
export const resumeReindexing: Operation<Record<never, never>> = {
	rest: () => ({ method: 'POST', path: '/system/reindexing/resume' }),
	graphql: { query: `mutation { resumeReindexing { reindexing { ${REINDEXING} } } }` },
}
export const cancelReindexing: Operation<Record<never, never>> = {
	rest: () => ({ method: 'DELETE', path: '/system/reindexing' }),
	graphql: { query: 'mutation { cancelReindexing { embedder } }' },
}
export const testSettings: Operation<Partial<Input>> = {
	rest: ({ input }) => ({ method: 'POST', path: '/system/settings/test', body: input }),
	graphql: { query: 'mutation ($input: TestSettingsInput) { testSettings(input: $input) { ok detail } }' },
}
