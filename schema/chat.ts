import type { Citation as CitationShape, CompletedChat, RunEvent, Source as SourceShape } from '../src/chat/events.ts'
import { matchingChats, matchingThreads } from '../src/chat/filter.ts'
import type { ChatModel as ChatRow } from '../src/generated/prisma/models.ts'
import type { Usage as UsageShape } from '../src/models/model.ts'
import { visibleThreads } from '../src/workspaces/access.ts'
import { builder } from './builder.ts'
import { createOrder, periodArgs, related, searchArg } from './connections.ts'
import { message, optionalLine, slugArg, within } from './rules.ts'
import { ChatMode, Workspace } from './workspaces.ts'

const Source = builder.objectRef<SourceShape>('Source').implement({
	description: 'A passage that an answer was made from.',
	fields: (t) => ({
		document: t.exposeString('document', { description: 'The file name of its document.' }),
		chunk: t.exposeString('chunk', { description: 'Its text.' }),
		score: t.exposeFloat('score', { description: 'How well it fits the question, 0 to 1, comparable between questions.' }),
		documentId: t.exposeID('documentId', { description: 'Its document.' }),
		chunkId: t.exposeID('chunkId', { description: 'The chunk that it is.' }),
		page: t.exposeInt('page', { nullable: true, description: 'The page that it begins on, where there are pages.' }),
		start: t.exposeInt('start', { description: 'Where it begins in the document’s text, in UTF-16 code units.' }),
		end: t.exposeInt('end', { description: 'Where it ends.' }),
		heading: t.exposeString('heading', { nullable: true, description: 'The headings above it, outermost first.' }),
	}),
})

const Citation = builder.objectRef<CitationShape>('Citation').implement({
	description: 'A marker `[n]` in an answer, and the words of source n that carry the sentence before it.',
	fields: (t) => ({
		marker: t.exposeInt('marker', { description: 'n: the place of the source in `sources`, from 1.' }),
		answerStart: t.exposeInt('answerStart', { description: 'Where the marker begins in the answer, in UTF-16 code units.' }),
		answerEnd: t.exposeInt('answerEnd', { description: 'Where it ends.' }),
		documentId: t.exposeID('documentId', { description: 'The document that is cited.' }),
		chunkId: t.exposeID('chunkId', { description: 'The chunk that is cited.' }),
		document: t.exposeString('document', { description: 'The file name of the document.' }),
		page: t.exposeInt('page', { nullable: true, description: 'The page that the chunk begins on.' }),
		start: t.exposeInt('start', { nullable: true, description: 'Where the quote begins in the document’s text, in UTF-16 code units.' }),
		end: t.exposeInt('end', { nullable: true, description: 'Where it ends.' }),
		quote: t.exposeString('quote', {
			nullable: true,
			description: 'The words themselves, checked to stand there; null when nothing supports the sentence.',
		}),
		supported: t.exposeBoolean('supported', { description: 'Whether the source supports the sentence.' }),
	}),
})

export const Usage = builder.objectRef<UsageShape>('Usage').implement({
	description: 'What an answer took of the model, in tokens.',
	fields: (t) => ({
		promptTokens: t.exposeInt('promptTokens', { description: 'Tokens read.' }),
		completionTokens: t.exposeInt('completionTokens', { description: 'Tokens written.' }),
		totalTokens: t.exposeInt('totalTokens', { description: 'Both.' }),
		estimated: t.exposeBoolean('estimated', { description: 'Whether we counted, for the provider did not.' }),
	}),
})

export const Thread = builder.prismaObject('Thread', {
	description: 'A conversation: chats that know of each other.',
	fields: (t) => ({
		id: t.expose('id', { type: 'ThreadID', description: 'Its id, `thread-…`.' }),
		title: t.exposeString('title', { description: 'What it is about.' }),
		createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it began.' }),
		updatedAt: t.expose('updatedAt', { type: 'DateTime', description: 'When it last went on.' }),
		workspace: t.relation('workspace', { type: Workspace, description: 'The workspace that it is in.' }),
	}),
})

export const Chat = builder.prismaObject('Chat', {
	description: 'A question and its answer.',
	fields: (t) => ({
		id: t.exposeID('id', { description: 'Its number.' }),
		message: t.exposeString('message', { description: 'The question.' }),
		response: t.exposeString('response', { description: 'The answer.' }),
		threadId: t.expose('threadId', { type: 'ThreadID', description: 'The thread that it is in.' }),
		runId: t.expose('runId', { type: 'RunID', description: 'The run that made it.' }),
		sources: t.field({
			type: [Source],
			description: 'What the answer was made from.',
			resolve: ({ sources }) => sources as unknown as SourceShape[],
		}),
		citations: t.field({
			type: [Citation],
			description: 'What its markers point at.',
			resolve: ({ citations }) => citations as unknown as CitationShape[],
		}),
		createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it was answered.' }),
		mode: t.field({
			type: ChatMode,
			rest: false,
			description: 'The mode that it was answered in.',
			select: { run: { select: { mode: true } } },
			resolve: ({ run }) => run.mode,
		}),
		thread: t.relation('thread', { type: Thread, description: 'The thread that it is in.' }),
		workspace: t.relation('workspace', { type: Workspace, description: 'The workspace that it is in.' }),
	}),
})

const threadOrder = createOrder('Thread', ['id', 'text'], {
	CREATED_AT: { column: ['createdAt', 'time'], description: 'When it began.' },
	UPDATED_AT: { column: ['updatedAt', 'time'], description: 'When it last went on.' },
	TITLE: { column: ['title', 'text'], description: 'What it is about.' },
})

const ChatConnection = builder.connectionObject({ type: Chat, name: 'ChatConnection' })

const chatOrder = createOrder('Chat', ['id', 'int'], {
	CREATED_AT: { column: ['createdAt', 'time'], description: 'When it was answered.' },
})

builder.prismaObjectField(Workspace, 'threads', (t) =>
	t.connection(
		{
			type: Thread,
			description: 'Its threads that the caller may see: their own, or all where they manage it.',
			...related('threads', {
				args: { search: t.arg.string(searchArg('titles')), ...periodArgs(), orderBy: t.arg(threadOrder.arg) },
				ordering: ({ orderBy }) => threadOrder.of(orderBy),
				where: (args, { viewer }) => ({ AND: [visibleThreads(viewer), matchingThreads(args)] }),
			}),
		},
		{ name: 'ThreadConnection' },
		{ name: 'ThreadEdge' },
	),
)

builder.prismaObjectField(Workspace, 'chats', (t) =>
	t.connection(
		{
			type: Chat,
			description: 'Its chats that the caller may see, of all threads: their own, or all where they manage it.',
			...related('chats', {
				args: {
					search: t.arg.string(searchArg('questions and answers')),
					threadId: t.arg({ type: 'ThreadID', description: 'Only those of this thread.' }),
					...periodArgs(),
					orderBy: t.arg(chatOrder.arg),
				},
				ordering: ({ orderBy }) => chatOrder.of(orderBy),
				where: (args, { viewer }) => ({ AND: [{ thread: visibleThreads(viewer) }, matchingChats(args)] }),
			}),
		},
		ChatConnection,
	),
)

builder.prismaObjectField(Thread, 'chats', (t) =>
	t.connection(
		{
			type: Chat,
			description: 'Its chats.',
			...related('chats', {
				args: { search: t.arg.string(searchArg('questions and answers')), ...periodArgs(), orderBy: t.arg(chatOrder.arg) },
				ordering: ({ orderBy }) => chatOrder.of(orderBy),
				where: matchingChats,
			}),
		},
		ChatConnection,
	),
)

const ChatHistory = builder.objectRef<ChatRow[]>('ChatHistory').implement({
	description: 'The newest chats.',
	fields: (t) => ({ chats: t.field({ type: [Chat], description: 'Oldest first.', resolve: (chats) => chats }) }),
})

/** What a run's last event shows, as the row that it became. */
const rowOf = ({ createdAt, ...chat }: CompletedChat, citations: CitationShape[]): ChatRow =>
	({ ...chat, citations, createdAt: new Date(createdAt) }) as unknown as ChatRow

type Of<Type extends RunEvent['type']> = RunEvent & { type: Type }

export const ChatEvent = builder.interfaceRef<RunEvent>('ChatEvent').implement({
	description: 'Something that happens in a run: CHAT_STARTED, CHAT_SOURCES, any number of CHAT_DELTA, then one that ends it.',
	fields: (t) => ({ sequence: t.exposeInt('sequence', { description: 'Its place in the run: 1, 2, 3 …' }) }),
	resolveType: ({ type }) => EVENT_TYPES[type],
})

const EVENT_TYPES = {
	started: 'ChatStarted',
	sources: 'ChatSources',
	delta: 'ChatDelta',
	completed: 'ChatCompleted',
	failed: 'ChatFailed',
	cancelled: 'ChatCancelled',
} as const satisfies Record<RunEvent['type'], string>

builder.objectRef<Of<'started'>>('ChatStarted').implement({
	description: 'The run has begun.',
	interfaces: [ChatEvent],
	fields: (t) => ({
		runId: t.expose('runId', { type: 'RunID', description: 'The run.' }),
		threadId: t.expose('threadId', { type: 'ThreadID', description: 'The thread that it is in.' }),
	}),
})
builder.objectRef<Of<'sources'>>('ChatSources').implement({
	description: 'What the answer will be made from.',
	interfaces: [ChatEvent],
	fields: (t) => ({ sources: t.expose('sources', { type: [Source], description: 'The best first; `[n]` in the answer means the n-th.' }) }),
})
builder.objectRef<Of<'delta'>>('ChatDelta').implement({
	description: 'More of the answer.',
	interfaces: [ChatEvent],
	fields: (t) => ({ text: t.exposeString('text', { description: 'What comes next; all of them joined are the answer.' }) }),
})
builder.objectRef<Of<'completed'>>('ChatCompleted').implement({
	description: 'The run has ended well.',
	interfaces: [ChatEvent],
	fields: (t) => ({
		chat: t.field({ type: Chat, description: 'The exchange.', resolve: ({ chat, citations }) => rowOf(chat, citations) }),
		usage: t.expose('usage', { type: Usage, description: 'What it took.' }),
		citations: t.expose('citations', { type: [Citation], description: 'What the markers of the answer point at.' }),
	}),
})
builder.objectRef<Of<'failed'>>('ChatFailed').implement({
	description: 'The run has failed.',
	interfaces: [ChatEvent],
	fields: (t) => ({
		code: t.exposeString('code', { description: 'The machine-readable code.' }),
		error: t.exposeString('error', { description: 'What is wrong and what to do.' }),
		partial: t.exposeString('partial', { description: 'The answer as far as it came.' }),
	}),
})
builder.objectRef<Of<'cancelled'>>('ChatCancelled').implement({
	description: 'The run was cancelled.',
	interfaces: [ChatEvent],
	fields: (t) => ({ partial: t.exposeString('partial', { description: 'The answer as far as it came.' }) }),
})

const SendMessagePayload = builder
	.objectRef<{ runId: string; chat: CompletedChat; citations: CitationShape[]; usage: UsageShape }>('SendMessagePayload')
	.implement({
		description: 'An answer.',
		fields: (t) => ({
			response: t.string({ description: 'The answer.', resolve: ({ chat }) => chat.response }),
			sources: t.field({
				type: [Source],
				description: 'What it was made from; `[n]` in the answer means the n-th.',
				resolve: ({ chat }) => chat.sources,
			}),
			threadId: t.field({
				type: 'ThreadID',
				description: 'The thread that it is in: send it along to go on.',
				resolve: ({ chat }) => chat.threadId,
			}),
			chatId: t.id({ description: 'The number of the chat.', resolve: ({ chat }) => chat.id }),
			runId: t.expose('runId', { type: 'RunID', description: 'The run that made it.' }),
			citations: t.expose('citations', { type: [Citation], description: 'What the markers of the answer point at.' }),
			usage: t.expose('usage', { type: Usage, description: 'What it took.' }),
			chat: t.field({
				type: Chat,
				rest: false,
				description: 'The exchange, as lists of chats show it.',
				resolve: ({ chat, citations }) => rowOf(chat, citations),
			}),
		}),
	})

const ChatInput = builder.inputType('ChatInput', {
	description: 'A question.',
	fields: (t) => ({
		message: t.string({ required: true, description: 'The question, 1 to 50,000 characters.', validate: message(50_000) }),
		mode: t.field({ type: ChatMode, description: 'What the answer may be made from; the workspace’s mode unless given.' }),
		threadId: t.field({ type: 'ThreadID', description: 'The thread to go on with; without it, or with null, one begins.' }),
		requestId: t.string({
			description: 'Chosen by the client: asking again with the same follows the run that it started, and starts none.',
			validate: optionalLine(128),
		}),
	}),
})

builder.queryField('chatHistory', (t) =>
	t.withAuth({ user: true }).field({
		type: ChatHistory,
		description: 'The newest chats of a workspace that the caller may see: their own, or all where they manage it.',
		rest: { method: 'GET', path: '/workspaces/:slug/chats' },
		args: {
			slug: t.arg.string(slugArg),
			threadId: t.arg({ type: 'ThreadID', description: 'Only those of this thread.' }),
			limit: t.arg.int({ required: true, defaultValue: 50, description: 'Most chats, 1 to 1,000.', validate: within(1, 1_000) }),
		},
		resolve: (_root, { slug, ...args }, { viewer, services }) => services.chat.history(viewer, slug, args),
	}),
)

builder.mutationField('sendMessage', (t) =>
	t.withAuth({ user: true }).field({
		type: SendMessagePayload,
		description: 'Asks a question and waits for the whole answer.',
		rest: { method: 'POST', path: '/workspaces/:slug/chat' },
		limit: 'chat',
		idempotent: 'requestId',
		args: {
			slug: t.arg.string(slugArg),
			input: t.arg({ type: ChatInput, required: true, description: 'The question.' }),
		},
		resolve: (_root, { slug, input }, { viewer, services, language, signal }) => services.chat.send(viewer, slug, input, language, signal),
	}),
)

builder.subscriptionField('chat', (t) =>
	t.withAuth({ user: true }).field({
		type: ChatEvent,
		description:
			'Asks a question and follows the answer as it comes. Leaving changes nothing: subscribing again with the same `requestId` follows the same run from its first event.',
		limit: 'chat',
		args: {
			slug: t.arg.string(slugArg),
			input: t.arg({ type: ChatInput, required: true, description: 'The question.' }),
		},
		subscribe: (_root, { slug, input }, { viewer, services, language, signal }) =>
			services.chat.stream(viewer, slug, input, language, signal),
		resolve: (event) => event,
	}),
)
