import type { Estimate } from '../src/documents/reindexing/estimate.ts'
import type { Reindexing as ReindexingShape } from '../src/documents/reindexing/reindexing.ts'
import type { AppError } from '../src/errors.ts'
import { builder } from './builder.ts'

const ReindexingStatus = builder.enumType('ReindexingStatus', {
	description: 'How the making of another index goes.',
	values: {
		RUNNING: { value: 'running', description: 'In the background.' },
		PAUSED: { value: 'paused', description: 'Until it is resumed; what is done stays done.' },
		FAILED: { value: 'failed', description: 'Its error says why; it can be resumed.' },
	} as const,
})

const ReindexingError = builder.objectRef<{ code: string; reason: string }>('ReindexingError').implement({
	description: 'Why an index could not be made.',
	fields: (t) => ({
		code: t.exposeString('code', { description: 'One of the error codes of this API.' }),
		reason: t.exposeString('reason', { description: 'What is wrong and what to do, in the caller’s language.' }),
	}),
})

const shownError = (error: AppError | null, language: 'zh' | 'en') => error && { code: error.code, reason: error.in(language) }

const Reindexing = builder.objectRef<ReindexingShape>('Reindexing').implement({
	description:
		'The index of the documents in the making, for another embedder. Until it is complete, the old embedder and its index serve.',
	fields: (t) => ({
		embedder: t.exposeString('embedder', { description: 'For whom: `provider/model`.' }),
		status: t.expose('status', { type: ReindexingStatus, description: 'How it goes.' }),
		done: t.exposeInt('done', { description: 'Chunks of documents that are in it.' }),
		total: t.exposeInt('total', { description: 'Chunks there are; 0 until they are counted.' }),
		secondsLeft: t.exposeInt('secondsLeft', { nullable: true, description: 'At the present rate; null while that is not known.' }),
		tokens: t.exposeFloat('tokens', {
			nullable: true,
			description: 'Of all texts, estimated, which is what a provider counts; null until they are counted.',
		}),
		error: t.field({
			type: ReindexingError,
			nullable: true,
			description: 'Why it failed; null unless it did.',
			resolve: ({ error }, _args, { language }) => shownError(error, language),
		}),
		startedAt: t.expose('startedAt', { type: 'DateTime', description: 'When the embedder was set.' }),
	}),
})

const ReindexingEstimate = builder.objectRef<Estimate>('ReindexingEstimate').implement({
	description: 'What another embedder would have to embed.',
	fields: (t) => ({
		documents: t.exposeInt('documents', { description: 'Processed documents.' }),
		chunks: t.exposeInt('chunks', { description: 'Their chunks.' }),
		tokens: t.exposeFloat('tokens', { description: 'Of their texts, estimated.' }),
	}),
})

const state = (name: string, description: string) =>
	builder.objectRef<{ reindexing: ReindexingShape | null }>(name).implement({
		description,
		fields: (t) => ({
			reindexing: t.expose('reindexing', { type: Reindexing, nullable: true, description: 'As it is now; null where none is made.' }),
		}),
	})

builder.queryField('reindexingState', (t) =>
	t.withAuth({ admin: true }).field({
		type: state('ReindexingState', 'Whether an index is being made for another embedder.'),
		description: 'The index that is being made for another embedder, if any. For admins.',
		rest: { method: 'GET', path: '/system/reindexing' },
		resolve: async (_root, _args, { services }) => ({ reindexing: await services.reindexing.shown() }),
	}),
)

builder.queryField('reindexingEstimate', (t) =>
	t.withAuth({ admin: true }).field({
		type: ReindexingEstimate,
		description: 'What setting another embedder would cost. For admins.',
		rest: { method: 'GET', path: '/system/reindexing/estimate', key: 'estimate' },
		resolve: (_root, _args, { services }) => services.reindexing.estimate(),
	}),
)

const PauseReindexingPayload = state('PauseReindexingPayload', 'An index whose making was paused.')
const ResumeReindexingPayload = state('ResumeReindexingPayload', 'An index whose making goes on.')
const CancelReindexingPayload = builder.objectRef<{ embedder: string | null }>('CancelReindexingPayload').implement({
	description: 'An index that is not made any more.',
	fields: (t) => ({
		embedder: t.exposeString('embedder', { nullable: true, description: 'For whom it was, `provider/model`; null where none was made.' }),
	}),
})

builder.mutationField('pauseReindexing', (t) =>
	t.withAuth({ admin: true }).field({
		type: PauseReindexingPayload,
		description: 'Pauses the making of another index; what is done stays done. For admins.',
		rest: { method: 'POST', path: '/system/reindexing/pause' },
		resolve: async (_root, _args, { services }) => ({ reindexing: await services.reindexing.pause() }),
	}),
)

builder.mutationField('resumeReindexing', (t) =>
	t.withAuth({ admin: true }).field({
		type: ResumeReindexingPayload,
		description: 'Goes on with the making of another index that was paused, or that failed. For admins.',
		rest: { method: 'POST', path: '/system/reindexing/resume' },
		resolve: async (_root, _args, { services }) => ({ reindexing: await services.reindexing.resume() }),
	}),
)

builder.mutationField('cancelReindexing', (t) =>
	t.withAuth({ admin: true }).field({
		type: CancelReindexingPayload,
		description: 'Ends the making of another index: the embedder that serves is the one that is set. For admins.',
		rest: { method: 'DELETE', path: '/system/reindexing' },
		resolve: async (_root, _args, { services }) => ({ embedder: await services.reindexing.cancel() }),
	}),
)
