import { queryFromInfo } from '@pothos/plugin-prisma'
import { z } from 'zod'
import type { Text, UploadResult as UploadResultShape } from '../src/documents/documents.ts'
import { type DocumentEnd, type DocumentState, errorOf, type Processing, type VersionState } from '../src/documents/events.ts'
import { matchingDocuments } from '../src/documents/filter.ts'
import type { DocumentNews } from '../src/documents/following.ts'
import { processingTime, type StageTime, secondsLeft, stageTimes } from '../src/documents/stages.ts'
import { AppError } from '../src/errors.ts'
import { DocumentStatus as Status } from '../src/generated/prisma/enums.ts'
import type { ChunkModel, DocumentModel } from '../src/generated/prisma/models.ts'
import type { Pagination as PaginationShape } from '../src/pages.ts'
import { MAX_FILES } from '../src/uploads.ts'
import { builder } from './builder.ts'
import { connectionOf, createOrder, periodArgs, related, searchArg } from './connections.ts'
import { Pagination, pageArgs } from './pages.ts'
import { line, message, optionalText, slugArg } from './rules.ts'
import { Workspace } from './workspaces.ts'

const DocumentStatus = builder.enumType('DocumentStatus', {
	description: 'How far a document has come. Every document ends PROCESSED or FAILED.',
	values: {
		UPLOADED: { value: Status.uploaded, description: 'Its bytes are stored.' },
		PARSING: { value: Status.parsing, description: 'Its text is being read.' },
		CHUNKING: { value: Status.chunking, description: 'Its text is being cut into chunks.' },
		EMBEDDING: { value: Status.embedding, description: 'Vectors are being made of the chunks.' },
		INDEXING: { value: Status.indexing, description: 'The chunks are being made searchable.' },
		PROCESSED: { value: Status.processed, description: 'It can be found and cited.' },
		FAILED: { value: Status.failed, description: 'It cannot be used; `error` says why.' },
	} as const,
})

const DocumentError = builder.objectRef<{ code: string; reason: string }>('DocumentError').implement({
	description: 'Why a document failed.',
	fields: (t) => ({
		code: t.exposeString('code', { description: 'The machine-readable code.' }),
		reason: t.exposeString('reason', { description: 'What is wrong and what to do, in the caller’s language.' }),
	}),
})

const DocumentProgress = builder
	.objectRef<Pick<Processing, 'status' | 'stageDone' | 'stageTotal' | 'stageRate'>>('DocumentProgress')
	.implement({
		description: 'How far the processing of a document has come.',
		fields: (t) => ({
			stage: t.expose('status', { type: DocumentStatus, description: 'The stage that it is in.' }),
			done: t.exposeInt('stageDone', { description: 'Steps of the stage that are done.' }),
			total: t.exposeInt('stageTotal', { description: 'Steps that the stage has; 0 when that is not known.' }),
			secondsLeft: t.int({
				nullable: true,
				description: 'How long the stage still takes at the rate of now; null while that is not known, 0 when the document is processed.',
				resolve: secondsLeft,
			}),
		}),
	})

const DocumentStage = builder.objectRef<StageTime>('DocumentStage').implement({
	description: 'When a document was in a stage of its processing.',
	fields: (t) => ({
		stage: t.expose('stage', { type: DocumentStatus, description: 'The stage.' }),
		startedAt: t.expose('startedAt', { type: 'DateTime', description: 'When it began.' }),
		endedAt: t.expose('endedAt', { type: 'DateTime', nullable: true, description: 'When it ended; null while it goes on.' }),
		duration: t.exposeInt('duration', { nullable: true, description: 'Milliseconds between the two; null while it goes on.' }),
	}),
})

const PendingVersion = builder.objectRef<DocumentModel>('PendingVersion').implement({
	description: 'A new version of a document that is in the making, or has failed: until it is processed the document stays as it is.',
	fields: (t) => ({
		version: t.exposeInt('version', { description: 'The number that the document will have.' }),
		originalName: t.exposeString('originalName', { description: 'Its name as it was sent.' }),
		mimeType: t.exposeString('mimeType', { description: 'What its content is.' }),
		size: t.exposeInt('size', { description: 'Its size in bytes.' }),
		status: t.expose('status', { type: DocumentStatus, description: 'How far it has come.' }),
		error: t.field({
			type: DocumentError,
			nullable: true,
			description: 'Why it failed; null when it did not.',
			resolve: (draft, _args, { language }) => errorOf(draft, language),
		}),
		progress: t.field({ type: DocumentProgress, description: 'How far its processing has come.', resolve: (draft) => draft }),
		createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it was uploaded.' }),
	}),
})

const Document = builder.prismaObject('Document', {
	description: 'A file in a workspace, and what was made of it.',
	fields: (t) => ({
		id: t.exposeID('id', { description: 'Its number.' }),
		filename: t.exposeString('filename', { description: 'Its name in ASCII, unique in its workspace: what sources and citations carry.' }),
		originalName: t.exposeString('originalName', { description: 'Its name as it was sent.' }),
		mimeType: t.exposeString('mimeType', { description: 'What its content is.' }),
		size: t.exposeInt('size', { description: 'Its size in bytes.' }),
		workspaceId: t.exposeID('workspaceId', { description: 'The workspace that it is in.' }),
		processed: t.boolean({
			description: 'Whether it can be found and cited.',
			resolve: ({ status }) => status === 'processed',
		}),
		status: t.expose('status', { type: DocumentStatus, description: 'How far it has come.' }),
		error: t.field({
			type: DocumentError,
			nullable: true,
			description: 'Why it failed; null when it did not.',
			resolve: (document, _args, { language }) => errorOf(document, language),
		}),
		progress: t.field({
			type: DocumentProgress,
			description: 'How far its processing has come.',
			resolve: (document) => document,
		}),
		stages: t.field({
			type: [DocumentStage],
			description: 'The stages that it has gone through, the first one being its wait for the processing.',
			resolve: stageTimes,
		}),
		processingTime: t.int({
			nullable: true,
			description: 'Milliseconds from the upload until it could be found; null until then.',
			resolve: processingTime,
		}),
		chunks: t.exposeInt('chunkCount', { description: 'How many chunks its text was cut into.' }),
		metadata: t.expose('metadata', { type: 'JSONObject', description: 'What its uploader said about it.' }),
		version: t.exposeInt('version', { description: 'Which version of it is found and cited, from 1.' }),
		pendingVersion: t.field({
			type: PendingVersion,
			nullable: true,
			description: 'A new version that is in the making, or has failed; null when there is none.',
			select: { pending: true },
			resolve: ({ pending }) => pending,
		}),
		createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it was uploaded.' }),
		updatedAt: t.expose('updatedAt', { type: 'DateTime', description: 'When its state last changed.' }),
		fileUrl: t.withAuth({ user: true }).field({
			type: 'FileUrl',
			rest: false,
			description: 'Its file, as it was uploaded.',
			select: { workspace: { select: { slug: true } } },
			resolve: (document, _args, { viewer, services }) => services.originals.of(viewer, document.workspace.slug, document),
		}),
		workspace: t.relation('workspace', { type: Workspace, description: 'The workspace that it is in.' }),
	}),
})

const documentOrder = createOrder('Document', ['id', 'int'], {
	CREATED_AT: { column: ['createdAt', 'time'], description: 'When it was uploaded.' },
	UPDATED_AT: { column: ['updatedAt', 'time'], description: 'When its state last changed.' },
	NAME: { column: ['originalName', 'text'], description: 'Its name as it was sent.' },
	SIZE: { column: ['size', 'int'], description: 'Its size.' },
})

builder.prismaObjectField(Workspace, 'documents', (t) =>
	t.connection(
		{
			type: Document,
			description: 'Its documents.',
			...related('documents', {
				args: {
					search: t.arg.string(searchArg('names')),
					status: t.arg({ type: [DocumentStatus], description: 'Only those that have come so far.' }),
					...periodArgs(),
					orderBy: t.arg(documentOrder.arg),
				},
				ordering: ({ orderBy }) => documentOrder.of(orderBy),
				where: matchingDocuments,
			}),
		},
		{ name: 'DocumentConnection' },
		{ name: 'DocumentEdge' },
	),
)

const DocumentPage = builder.objectRef<{ documents: DocumentModel[]; pagination: PaginationShape }>('DocumentPage').implement({
	description: 'A numbered page of documents.',
	fields: (t) => ({
		documents: t.expose('documents', { type: [Document], description: 'Those of this page.' }),
		pagination: t.expose('pagination', { type: Pagination, description: 'Where this page stands.' }),
	}),
})

const PageMark = builder.objectRef<Text['pages'][number]>('PageMark').implement({
	description: 'A page in a document’s text.',
	fields: (t) => ({
		page: t.exposeInt('page', { description: 'Its number, from 1.' }),
		start: t.exposeInt('start', { description: 'Where it begins, in UTF-16 code units.' }),
		end: t.exposeInt('end', { description: 'Where it ends.' }),
	}),
})

const HeadingMark = builder.objectRef<Text['headings'][number]>('HeadingMark').implement({
	description: 'A heading in a document’s text.',
	fields: (t) => ({
		level: t.exposeInt('level', { description: '1 for the highest.' }),
		start: t.exposeInt('start', { description: 'Where it begins, in UTF-16 code units.' }),
		title: t.exposeString('title', { description: 'What it says.' }),
	}),
})

const DocumentText = builder.objectRef<Text>('DocumentText').implement({
	description: 'The text that was read from a document. Offsets of chunks and citations point into it, in UTF-16 code units.',
	fields: (t) => ({
		documentId: t.exposeID('documentId', { description: 'The document.' }),
		filename: t.exposeString('filename', { description: 'Its file name.' }),
		text: t.exposeString('text', { description: 'All of its text.' }),
		pages: t.expose('pages', { type: [PageMark], description: 'Its pages, where it has any.' }),
		headings: t.expose('headings', { type: [HeadingMark], description: 'Its headings.' }),
	}),
})

const UploadResult = builder.objectRef<UploadResultShape>('UploadResult').implement({
	description: 'What became of one file of several.',
	fields: (t) => ({
		filename: t.exposeString('filename', {
			description: 'The file’s name as it was sent; empty where there was none, or the request broke before a file had arrived.',
		}),
		document: t.expose('document', { type: Document, nullable: true, description: 'The document; null when the file was refused.' }),
		error: t.field({
			type: DocumentError,
			nullable: true,
			description: 'Why the file was refused; null when it was not.',
			resolve: ({ error }, _args, { language }) => error && { code: error.code, reason: error.in(language) },
		}),
	}),
})

const UploadDocumentPayload = builder.objectRef<Uploaded>('UploadDocumentPayload').implement({
	description: 'A document that was taken in.',
	fields: (t) => ({
		document: t.expose('document', {
			type: Document,
			description: 'The document; it is processed in the background. Of several files the first that was taken in.',
		}),
		documents: t.expose('documents', {
			type: [UploadResult],
			nullable: true,
			rest: 'ifAny',
			description: 'Of several files in one request of REST: what became of each, in their order. Otherwise null, which REST leaves out.',
		}),
	}),
})

interface Uploaded {
	document: DocumentModel
	documents: UploadResultShape[] | null
}

const alone = (document: DocumentModel): Uploaded => ({ document, documents: null })

/** @throws the first one's error when none was taken in. */
function uploadedOf(results: UploadResultShape[]): Uploaded {
	const made = results.find(({ document }) => document)?.document
	if (!made) throw results[0]?.error ?? new AppError('missingField', { at: 'file' })
	return { document: made, documents: results.length === 1 ? null : results }
}

const DeleteDocumentPayload = builder.objectRef<{ id: number }>('DeleteDocumentPayload').implement({
	description: 'A document that is gone.',
	fields: (t) => ({ documentId: t.exposeID('id', { rest: false, description: 'The number that it had.' }) }),
})

const EVENT_TYPES = { state: 'DocumentProgressed', version: 'DocumentVersionProgressed', deleted: 'DocumentDeleted' } as const

const DocumentEvent = builder.interfaceRef<DocumentNews>('DocumentEvent').implement({
	description: 'Something that happens to a document: it or a new version of it comes further, or it is deleted.',
	fields: (t) => ({
		documentId: t.id({
			description: 'The document.',
			resolve: (event) => (event.type === 'state' ? event.document.id : event.documentId),
		}),
	}),
	resolveType: ({ type }) => EVENT_TYPES[type],
})

builder.objectRef<DocumentEnd>('DocumentDeleted').implement({
	description: 'The document is gone: a cache may forget it.',
	interfaces: [DocumentEvent],
})

builder.objectRef<DocumentState>('DocumentProgressed').implement({
	description: 'A document has come further.',
	interfaces: [DocumentEvent],
	fields: (t) => ({
		filename: t.string({ description: 'Its file name.', resolve: ({ document }) => document.filename }),
		version: t.int({
			description: 'Which version of it this is about: one more when a new one has taken its place.',
			resolve: ({ document }) => document.version,
		}),
		status: t.field({ type: DocumentStatus, description: 'How far it has come.', resolve: ({ document }) => document.status }),
		progress: t.field({ type: DocumentProgress, description: 'The same in steps.', resolve: ({ document }) => document }),
		error: t.field({
			type: DocumentError,
			nullable: true,
			description: 'Why it failed; null when it did not.',
			resolve: ({ document }, _args, { language }) => errorOf(document, language),
		}),
		document: t.withAuth({ user: true }).prismaField({
			type: Document,
			rest: false,
			description: 'The document as it is now.',
			resolve: (query, { document }, _args, { viewer, services }) => services.documents.get(viewer, document.id, query),
		}),
	}),
})

/** Of a text in characters: what a body of JSON can hold. */
const MAX_TEXT = 1_000_000

builder.objectRef<VersionState>('DocumentVersionProgressed').implement({
	description: 'A new version of a document has come further. When it is processed, the document tells so, with its number.',
	interfaces: [DocumentEvent],
	fields: (t) => ({
		version: t.int({ description: 'The number that the document will have.', resolve: ({ version }) => version.version }),
		status: t.field({ type: DocumentStatus, description: 'How far it has come.', resolve: ({ version }) => version.status }),
		progress: t.field({ type: DocumentProgress, description: 'The same in steps.', resolve: ({ version }) => version }),
		error: t.field({
			type: DocumentError,
			nullable: true,
			description: 'Why it failed; null when it did not.',
			resolve: ({ version }, _args, { language }) => errorOf(version, language),
		}),
		document: t.withAuth({ user: true }).prismaField({
			type: Document,
			rest: false,
			description: 'The document as it is now.',
			resolve: (query, { documentId }, _args, { viewer, services }) => services.documents.get(viewer, documentId, query),
		}),
	}),
})

const idArg = { required: true, description: 'The number of the document.' } as const

builder.queryField('document', (t) =>
	t.withAuth({ user: true }).prismaField({
		type: Document,
		description: 'A document that the caller may know of.',
		args: { id: t.arg.id(idArg) },
		resolve: (query, _root, { id }, { viewer, services }) => services.documents.get(viewer, id, query),
	}),
)

builder.queryField('workspaceDocument', (t) =>
	t.withAuth({ user: true }).prismaField({
		type: Document,
		description: 'A document of one workspace.',
		rest: { method: 'GET', path: '/workspaces/:slug/documents/:documentId', key: 'document' },
		args: { slug: t.arg.string(slugArg), documentId: t.arg.id(idArg) },
		resolve: (query, _root, { slug, documentId }, { viewer, services }) => services.documents.getIn(viewer, slug, documentId, query),
	}),
)

builder.queryField('documentPage', (t) =>
	t.withAuth({ user: true }).field({
		type: DocumentPage,
		description: 'The documents of a workspace in numbered pages, newest first.',
		rest: { method: 'GET', path: '/workspaces/:slug/documents' },
		args: { slug: t.arg.string(slugArg), ...pageArgs(20, 100) },
		resolve: (_root, { slug, ...args }, context, info) => {
			const query: object = queryFromInfo({ context, info, typeName: 'Document', path: ['documents'] })
			return context.services.documents.page(context.viewer, slug, args, query)
		},
	}),
)

builder.queryField('documentText', (t) =>
	t.withAuth({ user: true }).field({
		type: DocumentText,
		description: 'The text of a document.',
		rest: { method: 'GET', path: '/workspaces/:slug/documents/:documentId/text', errors: ['CONFLICT'] },
		args: { slug: t.arg.string(slugArg), documentId: t.arg.id(idArg) },
		resolve: (_root, { slug, documentId }, { viewer, services }) => services.documents.text(viewer, slug, documentId),
	}),
)

builder.queryField('documentFile', (t) =>
	t.field({
		type: 'FileUrl',
		description: 'The file of a document, as it was uploaded.',
		authScopes: (_root, { signature }) => (signature == null ? { user: true } : { public: true }),
		rest: { kind: 'bytes', method: 'GET', path: '/workspaces/:slug/documents/:documentId/file' },
		args: {
			slug: t.arg.string(slugArg),
			documentId: t.arg.id(idArg),
			signature: t.arg.string({ description: 'Of a `fileUrl`, in place of a token.', validate: optionalText(100) }),
		},
		resolve: (_root, { slug, documentId, signature }, { viewer, services }) => services.originals.get(viewer, slug, documentId, signature),
	}),
)

const Chunk = builder.prismaObject('Chunk', {
	description: 'A piece of a document’s text: what is searched and cited.',
	fields: (t) => ({
		id: t.exposeID('id', { description: 'Its number: `chunkId` of sources and of what is found.' }),
		ordinal: t.exposeInt('ordinal', { description: 'Its place among the chunks of the document, from 0.' }),
		text: t.exposeString('text', { description: 'What it says.' }),
		start: t.exposeInt('start', { description: 'Where it begins in the document’s text, in UTF-16 code units.' }),
		end: t.exposeInt('end', { description: 'Where it ends there.' }),
		page: t.exposeInt('page', { nullable: true, description: 'The page that it begins on, where there are pages.' }),
		heading: t.exposeString('heading', {
			nullable: true,
			description: 'The headings above it, the outermost first, joined by ` > `; null where there are none.',
		}),
	}),
})

const ChunkPage = builder.objectRef<{ chunks: ChunkModel[]; pagination: PaginationShape }>('ChunkPage').implement({
	description: 'A numbered page of chunks.',
	fields: (t) => ({
		chunks: t.expose('chunks', { type: [Chunk], description: 'Those of this page.' }),
		pagination: t.expose('pagination', { type: Pagination, description: 'Where this page stands.' }),
	}),
})

/** In the order of the text. */
const chunkOrder = { name: 'Chunk.ordinal', columns: [['ordinal', 'int']], direction: 'asc' } as const

builder.queryField('documentChunks', (t) =>
	t.withAuth({ user: true }).connection(
		{
			type: Chunk,
			description: 'The chunks of a document, in the order of its text; none before it was cut.',
			args: { slug: t.arg.string(slugArg), documentId: t.arg.id(idArg), search: t.arg.string(searchArg('texts')) },
			resolve: (_root, { slug, documentId, search, ...args }, { viewer, services }) =>
				connectionOf(chunkOrder, args, {
					rows: (window) => services.chunks.list(viewer, slug, documentId, { search }, window),
					count: () => services.chunks.count(viewer, slug, documentId, { search }),
				}),
		},
		{ name: 'ChunkConnection' },
		{ name: 'ChunkEdge' },
	),
)

builder.queryField('documentChunkPage', (t) =>
	t.withAuth({ user: true }).field({
		type: ChunkPage,
		description: 'The same as numbered pages; up to 1,000 on one.',
		rest: { method: 'GET', path: '/workspaces/:slug/documents/:documentId/chunks' },
		args: {
			slug: t.arg.string(slugArg),
			documentId: t.arg.id(idArg),
			...pageArgs(1_000, 1_000),
			search: t.arg.string(searchArg('texts')),
		},
		resolve: (_root, { slug, documentId, ...args }, { viewer, services }) => services.chunks.page(viewer, slug, documentId, args),
	}),
)

const UploadDocumentInput = builder.inputType('UploadDocumentInput', {
	description: 'A file to take in.',
	fields: (t) => ({
		file: t.field({
			type: 'File',
			required: true,
			description:
				'The file, told by its content: text, PDF, office documents, books, mails, data or source code; the README names the formats. A form may have up to 20 such parts: each is a document of its own, answered in `documents`, and counts as an upload. With an Idempotency-Key only one.',
		}),
		metadata: t.field({ type: 'JSONObject', description: 'A JSON object to keep with it.' }),
	}),
})

builder.mutationField('uploadDocument', (t) =>
	t.withAuth({ user: true }).field({
		type: UploadDocumentPayload,
		description: 'Takes a file into a workspace. The answer comes at once; processing goes on in the background.',
		rest: {
			method: 'POST',
			path: '/workspaces/:slug/documents',
			status: 201,
			kind: 'multipart',
			location: '/workspaces/:slug/documents/:document.id',
		},
		idempotent: async (id: number, _args, { viewer, services }) => alone(await services.documents.get(viewer, id, {})),
		args: {
			slug: t.arg.string(slugArg),
			input: t.arg({ type: UploadDocumentInput, required: true, description: 'The file.' }),
		},
		resolve: async (_root, { slug, input }, { viewer, services, once, spend }) => {
			if (once) return alone(await services.documents.upload(viewer, slug, input, once))
			return uploadedOf(await services.documents.uploadAll(viewer, slug, { ...input, files: [input.file] }, spend))
		},
	}),
)

const UploadDocumentsInput = builder.inputType('UploadDocumentsInput', {
	description: 'Files to take in.',
	fields: (t) => ({
		files: t.field({
			type: ['File'],
			required: true,
			validate: z.array(z.any()).min(1).max(MAX_FILES),
			description: 'The files, each once, in the order in which the request brings them: 1 to 20.',
		}),
		metadata: t.field({ type: 'JSONObject', description: 'A JSON object to keep with each.' }),
	}),
})

const UploadDocumentsPayload = builder.objectRef<UploadResultShape[]>('UploadDocumentsPayload').implement({
	description: 'Files that were taken in, or refused.',
	fields: (t) => ({
		results: t.field({ type: [UploadResult], description: 'What became of each file, in their order.', resolve: (results) => results }),
	}),
})

builder.mutationField('uploadDocuments', (t) =>
	t.withAuth({ user: true }).field({
		type: UploadDocumentsPayload,
		description:
			'Takes several files into a workspace, each for itself: one that is refused does not keep out the others. Each counts as an upload. Not with an Idempotency-Key.',
		limit: 'upload',
		args: {
			slug: t.arg.string(slugArg),
			input: t.arg({ type: UploadDocumentsInput, required: true, description: 'The files.' }),
		},
		resolve: (_root, { slug, input }, { viewer, services, once, spend }) => {
			if (once) throw new AppError('oneFileOnly')
			if (new Set(input.files).size < input.files.length) throw new AppError('badValue', { at: 'files', expected: 'each file once' })
			return services.documents.uploadAll(viewer, slug, input, spend)
		},
	}),
)

const AddTextInput = builder.inputType('AddTextInput', {
	description: 'A text to take in.',
	fields: (t) => ({
		title: t.string({
			required: true,
			validate: line(250),
			description: 'What to call it: its file name becomes this, with `.md` or `.txt`.',
		}),
		text: t.string({ required: true, validate: message(MAX_TEXT), description: 'The text: Markdown or plain.' }),
		metadata: t.field({ type: 'JSONObject', description: 'A JSON object to keep with it.' }),
	}),
})

builder.mutationField('addText', (t) =>
	t.withAuth({ user: true }).field({
		type: UploadDocumentPayload,
		description: 'Takes a text into a workspace, as if it were a file. The answer comes at once; processing goes on in the background.',
		limit: 'upload',
		rest: {
			method: 'POST',
			path: '/workspaces/:slug/documents/text',
			status: 201,
			location: '/workspaces/:slug/documents/:document.id',
		},
		idempotent: async (id: number, _args, { viewer, services }) => alone(await services.documents.get(viewer, id, {})),
		args: {
			slug: t.arg.string(slugArg),
			input: t.arg({ type: AddTextInput, required: true, description: 'The text.' }),
		},
		resolve: async (_root, { slug, input }, { viewer, services, once }) =>
			alone(await services.documents.addText(viewer, slug, input, once)),
	}),
)

const ReplaceDocumentInput = builder.inputType('ReplaceDocumentInput', {
	description: 'A file that is a new version of a document.',
	fields: (t) => ({
		file: t.field({ type: 'File', required: true, description: 'The file, told by its content, whatever the document was before.' }),
		metadata: t.field({ type: 'JSONObject', description: 'A JSON object to keep with it; without it, the document’s.' }),
	}),
})

const ReplaceDocumentPayload = builder.objectRef<DocumentModel>('ReplaceDocumentPayload').implement({
	description: 'A document that gets a new version.',
	fields: (t) => ({
		document: t.field({ type: Document, description: 'The document as it is until then.', resolve: (document) => document }),
	}),
})

builder.mutationField('replaceDocument', (t) =>
	t.withAuth({ user: true }).field({
		type: ReplaceDocumentPayload,
		description:
			'Replaces a document by a new version. It keeps its number and file name, and is found and cited as it is until the new version is processed: then that takes its place at once. A version that is still in the making gives way.',
		rest: { method: 'PUT', path: '/workspaces/:slug/documents/:documentId', kind: 'multipart' },
		idempotent: (id: number, _args, { viewer, services }) => services.documents.get(viewer, id, {}),
		args: {
			slug: t.arg.string(slugArg),
			documentId: t.arg.id(idArg),
			input: t.arg({ type: ReplaceDocumentInput, required: true, description: 'The new version.' }),
		},
		resolve: (_root, { slug, documentId, input }, { viewer, services, once }) =>
			services.documents.replace(viewer, slug, documentId, input, once),
	}),
)

const ReprocessDocumentPayload = builder.objectRef<DocumentModel>('ReprocessDocumentPayload').implement({
	description: 'A document that is processed again.',
	fields: (t) => ({
		document: t.field({ type: Document, description: 'The document as it is now.', resolve: (document) => document }),
	}),
})

builder.mutationField('reprocessDocument', (t) =>
	t.withAuth({ user: true }).field({
		type: ReprocessDocumentPayload,
		description:
			'Processes a document again, with the settings of now: one that failed in its place, one that is processed as a new version of the same bytes. One that is under way is left alone.',
		rest: { method: 'POST', path: '/workspaces/:slug/documents/:documentId/reprocess' },
		args: { slug: t.arg.string(slugArg), documentId: t.arg.id(idArg) },
		resolve: (_root, { slug, documentId }, { viewer, services }) => services.documents.reprocess(viewer, slug, documentId),
	}),
)

builder.mutationField('deleteDocument', (t) =>
	t.withAuth({ user: true }).field({
		type: DeleteDocumentPayload,
		description: 'Deletes a document, also in the middle of its processing.',
		rest: { method: 'DELETE', path: '/workspaces/:slug/documents/:documentId' },
		args: { slug: t.arg.string(slugArg), documentId: t.arg.id(idArg) },
		resolve: (_root, { slug, documentId }, { viewer, services }) => services.documents.delete(viewer, slug, documentId),
	}),
)

builder.subscriptionField('documentEvents', (t) =>
	t.withAuth({ user: true }).field({
		type: DocumentEvent,
		description:
			'What happens to one document until it, and a new version of it, is processed, has failed or is deleted, or to all documents of a workspace without an end. Begins with the state of now: of the document, or of those that have not ended.',
		rest: [
			{
				kind: 'sse',
				method: 'GET',
				path: '/workspaces/:slug/documents/:documentId/events',
				description:
					'What happens to a document until it, and a new version of it, is processed, has failed or is deleted. Begins with the state of now.',
			},
			{
				kind: 'sse',
				method: 'GET',
				path: '/workspaces/:slug/events',
				name: 'workspaceEvents',
				description: 'What happens to all documents of a workspace, without an end. Begins with the state of those that have not ended.',
			},
		],
		args: {
			slug: t.arg.string(slugArg),
			documentId: t.arg.id({ description: 'The document; without it all of the workspace.' }),
		},
		subscribe: (_root, { slug, documentId }, { viewer, services, signal }) => services.documents.events(viewer, slug, documentId, signal),
		resolve: (event) => event,
	}),
)
