import type { Viewer } from '../auth/auth.ts'
import type { Prisma, PrismaClient } from '../database/database.ts'
import { isGone, isUniqueViolation, retried } from '../database/errors.ts'
import { AppError, knownError, Unavailable } from '../errors.ts'
import { following } from '../events/leave.ts'
import type { Topics } from '../events/topics.ts'
import type { DocumentModel } from '../generated/prisma/models.ts'
import type { Once } from '../idempotency/idempotency.ts'
import type { Jobs } from '../jobs/jobs.ts'
import type { Spend } from '../limits/limits.ts'
import { type PageArgs, paginationOf, sliceOf } from '../pages.ts'
import type { Storage } from '../storage/storage.ts'
import type { Upload } from '../uploads.ts'
import { type Access, type Granted, visibleWorkspaces } from '../workspaces/access.ts'
import { changeOf, type DocumentEvent, documentTopic } from './events.ts'
import { matchingDocuments } from './filter.ts'
import { type DocumentNews, follow, type ReadState } from './following.ts'
import { asMetadata } from './metadata.ts'
import { freeName, originalNameOf, safeNameOf, stemOf } from './names.ts'
import { detectType } from './parsing/detect.ts'
import type { FileType, HeadingMark, PageMark } from './parsing/types.ts'
import { PROCESS_DOCUMENT, REMOVE_DOCUMENT, type Removal } from './queues.ts'
import { type Received, receive, receiveText } from './receive.ts'
import { type Arrival, receiveAll, removeAll } from './receive-all.ts'
import { UNDER_WAY } from './stages.ts'
import { textFileOf } from './texts.ts'
import type { Versions } from './versions.ts'

/** What a query of GraphQL wants loaded with a document. */
type Selection = Pick<Prisma.DocumentFindFirstArgs, 'include' | 'select'>

export { PROCESS_DOCUMENT, REMOVE_DOCUMENT }

const ACCEPTED =
	'txt, md, html, pdf, docx, pptx, xlsx, xls, doc, odt, ods, odp, rtf, epub, csv, tsv, json, jsonl, xml, eml, msg, mhtml, ipynb, srt, vtt, source code'
/** Tries to find a free name, of as many that uploads of one name at once need: each time one of them gets it. */
const MAX_ATTEMPTS = 100

/** A document's whole text; offsets are UTF-16 code units. */
export interface Text {
	documentId: number
	filename: string
	text: string
	pages: PageMark[]
	headings: HeadingMark[]
}

interface NewDocument {
	file: Upload
	/** A JSON object, or its text. Null or absent: what comes after the file. */
	metadata?: unknown
}

interface NewDocuments extends Pick<NewDocument, 'metadata'> {
	/** As they arrive. */
	files: readonly Upload[]
}

/** What became of one file of several. The name is as it was sent, and empty where there was none. */
export interface UploadResult {
	filename: string
	document: DocumentModel | null
	error: AppError | null
}

interface NewText {
	title: string
	text: string
	/** A JSON object. */
	metadata?: unknown
}

interface Dependencies {
	prisma: PrismaClient
	access: Access
	jobs: Jobs
	versions: Versions
	storage: Storage
	topics: Topics<DocumentEvent>
	maxBytes: number
}

export type Documents = ReturnType<typeof createDocuments>

export function createDocuments({ prisma, access, jobs, versions, storage, topics, maxBytes }: Dependencies) {
	/** @throws AppError NOT_FOUND when there is none that the viewer may know of. */
	async function find(viewer: Viewer, id: number, query: Selection, slug?: string): Promise<DocumentModel> {
		const workspace = { ...visibleWorkspaces(viewer), ...(slug !== undefined && { slug }) }
		const found = await prisma.document.findFirst({ ...query, where: { id, workspace, replacesId: null } })
		if (!found) throw new AppError('noSuchDocument')
		return found
	}

	/** The row and its job, at once. A copy that failed earlier gives way; one that did not is a conflict. */
	async function insert(
		workspaceId: number,
		row: Omit<Prisma.DocumentCreateManyInput, 'workspaceId' | 'filename'>,
		once: Once | undefined,
	): Promise<DocumentModel> {
		const wanted = safeNameOf(row.originalName)
		for (let attempt = 0, filename = wanted; ; attempt++, filename = await freeNameIn(workspaceId, wanted)) {
			try {
				return await prisma.$transaction(async (tx) => {
					const document = await tx.document.create({ data: { ...row, workspaceId, filename } })
					await jobs.enqueue(tx, PROCESS_DOCUMENT, { documentId: document.id }, String(workspaceId))
					await once?.record(tx, document.id)
					return document
				})
			} catch (error) {
				if (!isUniqueViolation(error) || attempt >= MAX_ATTEMPTS) throw error
				await replaceFailed(workspaceId, row.hash) // somebody has brought the same bytes in between, or else the name is taken
			}
		}
	}

	async function freeNameIn(workspaceId: number, wanted: string): Promise<string> {
		const taken = await prisma.document.findMany({
			where: { workspaceId, filename: { startsWith: stemOf(wanted) } },
			select: { filename: true },
		})
		return freeName(wanted, new Set(taken.map(({ filename }) => filename)))
	}

	async function replaceFailed(workspaceId: number, hash: string): Promise<void> {
		const same = await prisma.document.findUnique({ where: { workspaceId_hash: { workspaceId, hash } }, include: { replaces: true } })
		if (!same) return
		const { filename, id: documentId } = same.replaces ?? same
		if (same.status !== 'failed') throw new AppError('sameBytes', { filename, documentId })
		if (!same.replaces) return void (await remove(same))
		await inTurn(documentId, (tx, document) => versions.removeDraft(tx, document))
		await tellOf(documentId)
	}

	/** Does something to a document that nobody else changes meanwhile. @throws AppError NOT_FOUND when it is gone. */
	function inTurn<Result>(id: number, work: (tx: Prisma.TransactionClient, document: DocumentModel) => Promise<Result>): Promise<Result> {
		return retried(() =>
			prisma.$transaction(async (tx) => {
				const document = await versions.lock(tx, id)
				if (!document) throw new AppError('noSuchDocument')
				return work(tx, document)
			}),
		)
	}

	/** The state of a document and of its new version, if it has one, to who listens. */
	async function tellOf(id: number): Promise<DocumentModel> {
		const found = await prisma.document.findFirst({ where: { id, replacesId: null }, include: { pending: true } })
		if (!found) throw new AppError('noSuchDocument')
		const { pending, ...document } = found
		for (const row of [document, pending]) if (row) await topics.publish(documentTopic(row.workspaceId), changeOf(row))
		return found
	}

	/** The document of a workspace that the viewer may change. @throws AppError NOT_FOUND, FORBIDDEN. */
	async function editable(viewer: Viewer, slug: string, id: number): Promise<{ workspace: Granted; document: DocumentModel }> {
		const workspace = await access.require(viewer, slug, 'edit')
		const document = await prisma.document.findFirst({ where: { id, workspaceId: workspace.id, replacesId: null } })
		if (!document) throw new AppError('noSuchDocument')
		return { workspace, document }
	}

	/** The row with all that hangs on it now, the rest by a job. @returns whether it was there. */
	async function remove({ id, workspaceId }: Pick<DocumentModel, 'id' | 'workspaceId'>): Promise<boolean> {
		const removeRow = () =>
			prisma.$transaction(async (tx) => {
				const document = await versions.lock(tx, id)
				if (!document) return false
				await versions.removeDraft(tx, document)
				await tx.document.delete({ where: { id } })
				await jobs.enqueue(tx, REMOVE_DOCUMENT, { documentId: id, storageKey: document.storageKey } satisfies Removal)
				return true
			})
		const isRemoved = await retried(removeRow)
		if (isRemoved) await topics.publish(documentTopic(workspaceId), { type: 'deleted', documentId: id })
		return isRemoved
	}

	return {
		/**
		 * Takes a file in: rights first, then the bytes, then what they are. It is processed in the background.
		 * @throws AppError NOT_FOUND, FORBIDDEN, PAYLOAD_TOO_LARGE, UNPROCESSABLE (empty, of no supported type, metadata that is no object),
		 * CONFLICT (the same bytes are there already).
		 */
		async upload(viewer: Viewer, slug: string, { file, metadata }: NewDocument, once?: Once): Promise<DocumentModel> {
			const workspace = await access.require(viewer, slug, 'edit')
			const { received, kept = {} } = await accept(file, metadata)
			try {
				const originalName = originalNameOf(file.filename)
				return await keep(workspace, received, await typeOf(received, originalName), originalName, kept, once)
			} finally {
				await storage.removeTemporary(received.path)
			}
		},

		/**
		 * Takes in the files of one request, each for itself, as `upload` does: the listed ones and, behind them, what the form still holds. What
		 * is said about them holds for all.
		 * @throws AppError NOT_FOUND, FORBIDDEN, UNPROCESSABLE (metadata that is no object). What is wrong with one file is in its result.
		 */
		async uploadAll(viewer: Viewer, slug: string, { files, metadata }: NewDocuments, spend: Spend): Promise<UploadResult[]> {
			const workspace = await access.require(viewer, slug, 'edit')
			if (metadata != null) asMetadata(metadata)
			const { arrivals, texts } = await receiveAll(files, { storage, maxBytes, spend })
			try {
				const sent = metadata ?? texts.get('metadata')
				const kept = sent == null || !arrivals.some(hasArrived) ? {} : asMetadata(sent)
				const results: UploadResult[] = []
				for (const arrival of arrivals) results.push(await resultOf(workspace, arrival, kept))
				return results
			} finally {
				await removeAll(arrivals, storage)
			}
		},

		/**
		 * Takes a text in as if it were a file of that name: Markdown where it looks like it, else plain.
		 * @throws AppError NOT_FOUND, FORBIDDEN, PAYLOAD_TOO_LARGE, UNPROCESSABLE (metadata that is no object), CONFLICT (the same text is there already).
		 */
		async addText(viewer: Viewer, slug: string, { title, text, metadata }: NewText, once?: Once): Promise<DocumentModel> {
			const workspace = await access.require(viewer, slug, 'edit')
			const kept = metadata == null ? {} : asMetadata(metadata)
			const { originalName, ...type } = textFileOf(title, text)
			const received = await receiveText(text, storage.temporaryPath(), maxBytes)
			try {
				return await keep(workspace, received, type, originalName, kept, once)
			} finally {
				await storage.removeTemporary(received.path)
			}
		},

		/**
		 * Takes a file in as a new version of a document, which stays as it is until the new one is processed, and if that fails. One that is still
		 * in the making gives way. Without metadata it keeps the document's.
		 * @throws AppError as `upload` does; CONFLICT when the document, or another one, has the same bytes.
		 */
		async replace(viewer: Viewer, slug: string, id: number, { file, metadata }: NewDocument, once?: Once): Promise<DocumentModel> {
			const { workspace, document } = await editable(viewer, slug, id)
			const { received, kept } = await accept(file, metadata)
			try {
				const originalName = originalNameOf(file.filename)
				const type = await typeOf(received, originalName)
				await stored(workspace, received, async (storageKey) => {
					const { size, hash } = received
					const facts = { ...type, originalName, size, hash, storageKey, metadata: kept ?? document.metadata }
					await unlessSame(workspace.id, hash, id, () =>
						inTurn(id, async (tx, current) => {
							await versions.begin(tx, current, facts)
							await once?.record(tx, id)
						}),
					)
				})
				return await tellOf(id)
			} finally {
				await storage.removeTemporary(received.path)
			}
		},

		/**
		 * Processes a document again: a failed one in its place, one that is processed as a new version of the same bytes, in the place of one that
		 * failed. One that is under way is left alone.
		 * @throws AppError NOT_FOUND, FORBIDDEN.
		 */
		async reprocess(viewer: Viewer, slug: string, id: number): Promise<DocumentModel> {
			await editable(viewer, slug, id)
			await inTurn(id, (tx, document) => versions.reprocess(tx, document))
			return tellOf(id)
		},

		/** Newest first. */
		async page(viewer: Viewer, slug: string, args: PageArgs & { search?: string | null | undefined }, query: Selection = {}) {
			const { id: workspaceId } = await access.require(viewer, slug, 'view')
			const where = { workspaceId, ...matchingDocuments({ search: args.search }) }
			const [documents, total] = await Promise.all([
				prisma.document.findMany({ ...query, where, orderBy: [{ createdAt: 'desc' }, { id: 'desc' }], ...sliceOf(args) }),
				prisma.document.count({ where }),
			])
			return { documents, pagination: paginationOf(args, total) }
		},

		/** @throws AppError NOT_FOUND. */
		get: (viewer: Viewer, id: number, query: Selection): Promise<DocumentModel> => find(viewer, id, query),

		/** The same, when it is in this workspace. */
		getIn: (viewer: Viewer, slug: string, id: number, query: Selection): Promise<DocumentModel> => find(viewer, id, query, slug),

		/** @throws AppError NOT_FOUND; CONFLICT while it has none. */
		async text(viewer: Viewer, slug: string, id: number): Promise<Text> {
			const { filename } = await find(viewer, id, {}, slug)
			const text = await prisma.documentText.findUnique({ where: { documentId: id } })
			if (!text) throw new AppError('notProcessed')
			return {
				documentId: id,
				filename,
				text: text.text,
				pages: text.pages as unknown as PageMark[],
				headings: text.headings as unknown as HeadingMark[],
			}
		},

		/** With its text, chunks, vectors and bytes, also in the middle of its processing. @throws AppError NOT_FOUND, FORBIDDEN. */
		async delete(viewer: Viewer, slug: string, id: number): Promise<{ id: number }> {
			const { document } = await editable(viewer, slug, id)
			if (!(await remove(document))) throw new AppError('noSuchDocument')
			return { id }
		},

		/**
		 * What happens to one document, until it and a new version of it have ended or it is deleted, or to all of a workspace, without an end: the state of now first
		 * (of all: of those that are not processed yet), then each change.
		 * @throws AppError NOT_FOUND before anything is streamed.
		 */
		async events(
			viewer: Viewer,
			slug: string,
			documentId: number | null | undefined,
			signal: AbortSignal,
		): Promise<AsyncIterable<DocumentNews>> {
			const { id: workspaceId } = await access.require(viewer, slug, 'view')
			const live = await topics.subscribe(documentTopic(workspaceId), signal)
			const read: ReadState = (known, since) =>
				prisma.document.findMany({
					where: {
						workspaceId,
						replacesId: null,
						...(documentId
							? { id: documentId }
							: {
									OR: [
										{ status: UNDER_WAY },
										{ pending: { status: UNDER_WAY } },
										{ id: { in: known } },
										...(since ? [{ updatedAt: { gte: since } }] : []),
									],
								}),
					},
					include: { pending: true },
					orderBy: { id: 'asc' },
				})
			try {
				const now = await read([], null)
				if (documentId && now.length === 0) throw new AppError('noSuchDocument')
				return following(live, (events) => follow(now, events, read, documentId ?? null))
			} catch (error) {
				await live.return()
				throw error
			}
		},
	}

	async function keep(
		{ id: workspaceId, slug }: Granted,
		received: Received,
		type: FileType,
		originalName: string,
		metadata: Prisma.InputJsonObject,
		once: Once | undefined,
	): Promise<DocumentModel> {
		await replaceFailed(workspaceId, received.hash)
		const { size, hash } = received
		const document = await stored({ id: workspaceId, slug }, received, (storageKey) =>
			insert(workspaceId, { ...type, originalName, metadata, storageKey, size, hash }, once),
		)
		await topics.publish(documentTopic(workspaceId), { type: 'state', document })
		return document
	}

	async function resultOf(workspace: Granted, arrival: Arrival, metadata: Prisma.InputJsonObject): Promise<UploadResult> {
		const sent = arrival.upload?.filename ?? ''
		const filename = sent && originalNameOf(sent)
		if (!hasArrived(arrival)) return { filename, document: null, error: arrival.error }
		try {
			const { received } = arrival
			const originalName = originalNameOf(sent)
			const document = await keep(workspace, received, await typeOf(received, originalName), originalName, metadata, undefined)
			return { filename, document, error: null }
		} catch (error) {
			const known = knownError(error)
			if (!known) throw error
			return { filename, document: null, error: known }
		}
	}

	/** A file that is on the disk, and what was said about it, before it or after. */
	async function accept(file: Upload, metadata: unknown): Promise<{ received: Received; kept: Prisma.InputJsonObject | undefined }> {
		if (metadata != null) asMetadata(metadata)
		const received = await receive(file, storage.temporaryPath(), maxBytes)
		try {
			const trailing = await file.trailing()
			const sent = metadata ?? trailing.get('metadata')
			return { received, kept: sent == null ? undefined : asMetadata(sent) }
		} catch (error) {
			await storage.removeTemporary(received.path)
			throw error
		}
	}

	/** Keeps a file that a row is to refer to; without the row it is not kept. */
	async function stored<Row>(
		{ id: workspaceId, slug }: Pick<Granted, 'id' | 'slug'>,
		received: Received,
		refer: (storageKey: string) => Promise<Row>,
	): Promise<Row> {
		const storageKey = await storage.keep(received.path, String(workspaceId)).catch(async (error: unknown) => {
			const isThere = (await prisma.workspace.count({ where: { id: workspaceId } })) > 0
			throw isThere ? error : new AppError('noSuchWorkspace', { slug }) // and its folder went with it
		})
		return refer(storageKey).catch(async (error: unknown) => {
			if (!(error instanceof Unavailable)) await storage.remove(storageKey) // else it may be there: an orphan is removed in time
			throw isGone(error) ? new AppError('noSuchWorkspace', { slug }) : error
		})
	}

	/** Makes a new version of a document. Another document that failed with the same bytes gives way; one that did not is a conflict. */
	async function unlessSame(workspaceId: number, hash: string, id: number, make: () => Promise<void>): Promise<void> {
		for (let attempt = 0; ; attempt++) {
			const same = await prisma.document.findUnique({ where: { workspaceId_hash: { workspaceId, hash } } })
			if (same && same.id !== id && same.replacesId !== id) await replaceFailed(workspaceId, hash)
			try {
				return await make()
			} catch (error) {
				if (!isUniqueViolation(error) || attempt >= MAX_ATTEMPTS) throw error
			}
		}
	}
}

const hasArrived = (arrival: Arrival) => 'received' in arrival

/** @throws AppError UNPROCESSABLE when it is of no supported type. */
async function typeOf({ path }: Received, originalName: string): Promise<FileType> {
	const type = await detectType(path, originalName)
	if (!type) throw new AppError('unsupportedFile', { accepted: ACCEPTED })
	return type
}
