import type { RunEvent } from '../src/chat/events.ts'
import { RunStatus as Status } from '../src/generated/prisma/enums.ts'
import { builder } from './builder.ts'
import { Chat, ChatEvent, Thread, Usage } from './chat.ts'
import { optionalSlugArg, slugArg, within } from './rules.ts'
import { ChatMode, Workspace } from './workspaces.ts'

/** More than any run has events; what a dead process’s run ended with has the sequence 1,000,000,000. */
const MAX_SEQUENCE = 2_000_000_000

const RunStatus = builder.enumType('RunStatus', {
	description: 'How far a run has come. Every run ends COMPLETED, FAILED or CANCELLED.',
	values: {
		QUEUED: { value: Status.queued, description: 'It has not begun yet.' },
		RUNNING: { value: Status.running, description: 'The answer is being made.' },
		COMPLETED: { value: Status.completed, description: 'The answer is there: `chat`.' },
		FAILED: { value: Status.failed, description: 'There is no answer; `error` says why.' },
		CANCELLED: { value: Status.cancelled, description: 'Somebody stopped it.' },
	} as const,
})

const RunError = builder.objectRef<{ code: string; error: string }>('RunError').implement({
	description: 'Why a run failed.',
	fields: (t) => ({
		code: t.exposeString('code', { description: 'The machine-readable code.' }),
		reason: t.exposeString('error', { description: 'What is wrong and what to do, in the language of whoever asked.' }),
	}),
})

const lastOf = (events: unknown): RunEvent | undefined => (events as RunEvent[] | null)?.at(-1)

/** Its events weigh as much as the answer with all of its sources: read only where they are shown. */
const Run = builder.prismaObject('Run', {
	select: { id: true },
	description: 'One answer in the making, or made. It belongs to the server, not to the connection that asked.',
	fields: (t) => ({
		id: t.expose('id', { type: 'RunID', description: 'Its id, `run-…`.' }),
		status: t.expose('status', { type: RunStatus, description: 'How far it has come.' }),
		threadId: t.expose('threadId', { type: 'ThreadID', description: 'The thread that it is in.' }),
		mode: t.expose('mode', { type: ChatMode, description: 'The mode that it is answered in.' }),
		message: t.exposeString('message', { description: 'The question.' }),
		provider: t.exposeString('provider', { description: 'Who answers.' }),
		model: t.exposeString('model', { description: 'With which model.' }),
		usage: t.field({
			type: Usage,
			nullable: true,
			description: 'What it took; null until it is completed.',
			select: { promptTokens: true, completionTokens: true, usageEstimated: true },
			resolve: ({ promptTokens, completionTokens, usageEstimated }) =>
				promptTokens === null || completionTokens === null
					? null
					: { promptTokens, completionTokens, totalTokens: promptTokens + completionTokens, estimated: usageEstimated },
		}),
		error: t.field({
			type: RunError,
			nullable: true,
			description: 'Why it failed; null when it did not.',
			select: { events: true },
			resolve: ({ events }) => {
				const last = lastOf(events)
				return last?.type === 'failed' ? last : null
			},
		}),
		partial: t.string({
			nullable: true,
			description: 'The answer as far as it came, of a run that failed or was cancelled.',
			select: { events: true },
			resolve: ({ events }) => {
				const last = lastOf(events)
				return last?.type === 'failed' || last?.type === 'cancelled' ? last.partial : null
			},
		}),
		createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it was asked.' }),
		endedAt: t.expose('endedAt', { type: 'DateTime', nullable: true, description: 'When it ended; null while it runs.' }),
		chat: t.relation('chat', { type: Chat, nullable: true, description: 'What it made; null unless it is completed.' }),
		thread: t.relation('thread', { type: Thread, description: 'The thread that it is in.' }),
		workspace: t.relation('workspace', { type: Workspace, description: 'The workspace that it is in.' }),
	}),
})

builder.prismaObjectField(Chat, 'run', (t) => t.relation('run', { type: Run, description: 'The run that made it.' }))

const runIdArg = { type: 'RunID', required: true, description: 'The id of the run.' } as const

builder.queryField('run', (t) =>
	t.withAuth({ user: true }).prismaField({
		type: Run,
		description: 'A run of the caller, or of anybody in a workspace that they manage.',
		args: { runId: t.arg(runIdArg) },
		resolve: (query, _root, { runId }, { viewer, services }) => services.chat.run(viewer, runId, query),
	}),
)

builder.queryField('workspaceRun', (t) =>
	t.withAuth({ user: true }).prismaField({
		type: Run,
		description: 'A run in one workspace.',
		rest: { method: 'GET', path: '/workspaces/:slug/runs/:runId', key: 'run' },
		args: { slug: t.arg.string(slugArg), runId: t.arg(runIdArg) },
		resolve: (query, _root, { slug, runId }, { viewer, services }) => services.chat.run(viewer, runId, query, slug),
	}),
)

const CancelChatPayload = builder.objectRef<{ id: string }>('CancelChatPayload').implement({
	description: 'A run that was asked to stop.',
	fields: (t) => ({
		run: t.withAuth({ user: true }).prismaField({
			type: Run,
			description: 'The run: CANCELLED, or as it ended before.',
			resolve: (query, { id }, _args, { viewer, services }) => services.chat.run(viewer, id, query),
		}),
	}),
})

builder.mutationField('cancelChat', (t) =>
	t.withAuth({ user: true }).field({
		type: CancelChatPayload,
		description: 'Stops a run, and what its model still writes. One that has ended stays as it is.',
		rest: { method: 'POST', path: '/workspaces/:slug/runs/:runId/cancel' },
		args: { runId: t.arg(runIdArg), slug: t.arg.string(optionalSlugArg) },
		resolve: (_root, { runId, slug }, { viewer, services, signal }) => services.chat.cancel(viewer, runId, signal, slug ?? undefined),
	}),
)

builder.subscriptionField('chatEvents', (t) =>
	t.withAuth({ user: true }).field({
		type: ChatEvent,
		description:
			'Follows a run from a place on, while it runs or after: every event once, in order, up to the one that ends it. For its author and for those who manage its workspace.',
		args: {
			runId: t.arg(runIdArg),
			after: t.arg.int({
				required: true,
				defaultValue: 0,
				description: 'Only events behind this sequence: the last one that was seen; 0 for all.',
				validate: within(0, MAX_SEQUENCE),
			}),
		},
		subscribe: (_root, { runId, after }, { viewer, services, signal }) => services.chat.events(viewer, runId, after, signal),
		resolve: (event) => event,
	}),
)
