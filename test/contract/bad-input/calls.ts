import type { World } from './world.ts'

interface Call {
	/** Who may call it; `anyone` without a token. */
	readonly as: 'admin' | 'lin' | 'anyone'
	/** Arguments with which nothing is wrong, in GraphQL’s spelling; `at` is the place that will be filled with something else. */
	args(world: World, at: string | undefined): Record<string, unknown>
}

const as = (who: Call['as'], args: Call['args'] = () => ({})): Call => ({ as: who, args })
const inWorkspace = (more: (world: World) => object = () => ({})) => as('lin', (world) => ({ slug: world.slug, ...more(world) }))

/** The run of a thread of the world. */
const runOf = (threadId: string): string => threadId.replace('thread', 'run')

/** A call of every field that is good. */
export const CALLS: Readonly<Record<string, Call>> = {
	'Query.users': as('admin'),
	'Query.userPage': as('admin'),
	'Query.user': as('admin', ({ guestId }) => ({ userId: guestId })),
	'Query.verify': as('lin'),
	'Query.viewer': as('lin'),
	'Query.workspaces': as('lin'),
	'Query.workspacePage': as('lin'),
	'Query.workspace': inWorkspace(),
	'Query.chatHistory': inWorkspace(),
	'Query.thread': as('lin', ({ threadId }) => ({ id: threadId })),
	'Query.workspaceThread': inWorkspace(({ threadId }) => ({ threadId })),
	'Query.threadPage': inWorkspace(),
	'Query.run': as('lin', ({ threadId }) => ({ runId: runOf(threadId) })),
	'Query.workspaceRun': inWorkspace(({ threadId }) => ({ runId: runOf(threadId) })),
	'Query.document': as('lin', ({ documentId }) => ({ id: documentId })),
	'Query.workspaceDocument': inWorkspace(({ documentId }) => ({ documentId })),
	'Query.documentPage': inWorkspace(),
	'Query.documentText': inWorkspace(({ documentId }) => ({ documentId })),
	'Query.documentFile': inWorkspace(({ documentId }) => ({ documentId })),
	'Query.documentChunks': inWorkspace(({ documentId }) => ({ documentId })),
	'Query.documentChunkPage': inWorkspace(({ documentId }) => ({ documentId })),
	'Query.memberPage': inWorkspace(),
	'Query.workspaceMember': inWorkspace(({ guestId }) => ({ userId: guestId })),
	'Query.search': inWorkspace(() => ({ query: 'x' })),
	'Query.searchAll': as('lin', () => ({ query: 'x' })),
	'Query.systemInfo': as('lin'),
	'Query.models': as('lin'),
	'Query.settings': as('admin'),
	'Query.reindexingState': as('admin'),
	'Query.reindexingEstimate': as('admin'),
	'Workspace.threads': inWorkspace(),
	'Workspace.chats': inWorkspace(),
	'Workspace.documents': inWorkspace(),
	'Workspace.members': inWorkspace(),
	'Thread.chats': inWorkspace(({ threadId }) => ({ threadId })),
	'Mutation.createUser': as('admin', ({ fresh }) => ({ input: { username: fresh(), password: 'good enough' } })),
	'Mutation.updateUser': as('lin', ({ linId }) => ({ userId: linId, input: {} })),
	'Mutation.deleteUser': as('admin', ({ doomed }) => ({ userId: doomed.userId })),
	'Mutation.login': as('anyone', () => ({ input: { username: 'admin', password: 'password' } })),
	'Mutation.logout': as('lin'),
	'Mutation.createWorkspace': as('lin', ({ fresh }) => ({ input: { name: fresh() } })),
	'Mutation.updateWorkspace': inWorkspace(() => ({ input: {} })),
	'Mutation.deleteWorkspace': as('lin', ({ doomed }) => ({ slug: doomed.slug })),
	'Mutation.sendMessage': inWorkspace(() => ({ input: { message: 'x' } })),
	'Mutation.cancelChat': inWorkspace(({ threadId }) => ({ runId: runOf(threadId) })),
	'Mutation.createThread': inWorkspace(() => ({ input: {} })),
	'Mutation.updateThread': inWorkspace(({ threadId }) => ({ threadId, input: {} })),
	'Mutation.deleteThread': inWorkspace(({ doomed }) => ({ threadId: doomed.threadId })),
	'Mutation.uploadDocument': inWorkspace(({ fresh }) => ({ input: { file: new File([fresh()], 'a.txt') } })),
	'Mutation.uploadDocuments': inWorkspace(({ fresh }) => ({
		input: { files: [new File([fresh()], 'a.txt'), new File([fresh()], 'b.txt')] },
	})),
	'Mutation.addText': inWorkspace(({ fresh }) => ({ input: { title: 'a', text: fresh() } })),
	'Mutation.replaceDocument': inWorkspace(({ documentId, fresh }) => ({ documentId, input: { file: new File([fresh()], 'a.txt') } })),
	'Mutation.reprocessDocument': inWorkspace(({ documentId }) => ({ documentId })),
	'Mutation.deleteDocument': inWorkspace(({ doomed }) => ({ documentId: doomed.documentId })),
	'Mutation.addMember': as('lin', ({ slug, doomed: { userId, username } }, at) => ({
		slug,
		input: { ...(at === 'input.userId' ? { userId } : { username }), role: 'VIEWER' },
	})),
	'Mutation.updateMember': inWorkspace(({ guestId }) => ({ userId: guestId, input: { role: 'EDITOR' } })),
	'Mutation.removeMember': inWorkspace(({ doomed }) => ({ userId: doomed.memberId })),
	'Mutation.updateSettings': as('admin', () => ({ input: {} })),
	'Mutation.pauseReindexing': as('admin', () => ({})),
	'Mutation.resumeReindexing': as('admin', () => ({})),
	'Mutation.cancelReindexing': as('admin', () => ({})),
	'Mutation.testSettings': as('admin', () => ({ input: {} })),
	'Subscription.chat': inWorkspace(() => ({ input: { message: 'x' } })),
	'Subscription.chatEvents': as('lin', ({ threadId }) => ({ runId: runOf(threadId) })),
	'Subscription.documentEvents': inWorkspace(({ documentId }) => ({ documentId })),
}
