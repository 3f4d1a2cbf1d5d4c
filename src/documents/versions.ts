import { Prisma } from '../database/database.ts'
import { AppError } from '../errors.ts'
import type { DocumentModel } from '../generated/prisma/models.ts'
import type { Jobs } from '../jobs/jobs.ts'
import { PROCESS_DOCUMENT, REMOVE_DOCUMENT, type Removal } from './queues.ts'

type Tx = Prisma.TransactionClient

/** What of a document is its file's. */
type FileFacts = Pick<DocumentModel, 'originalName' | 'mimeType' | 'format' | 'size' | 'hash' | 'storageKey'> & { metadata: unknown }

/** Chunks of one job. */
const REMOVED = 10_000

export type Versions = ReturnType<typeof createVersions>

/**
 * A new version of a document is a row of its own, a draft that nobody sees. It goes the way of every document, its chunks indexed under the
 * id of the document that it is for; at the end it takes that document's place in one transaction. Who changes either locks the document first.
 */
export function createVersions(jobs: Pick<Jobs, 'enqueue'>) {
	const remove = (tx: Tx, removal: Removal) => jobs.enqueue(tx, REMOVE_DOCUMENT, removal)

	/** Those of a row: from the database now, from the index by a job. */
	async function removeChunks(tx: Tx, documentId: number): Promise<void> {
		const gone = await tx.$queryRaw<{ id: number }[]>`DELETE FROM "Chunk" WHERE "documentId" = ${documentId} RETURNING id`
		for (let from = 0; from < gone.length; from += REMOVED)
			await remove(tx, { chunkIds: gone.slice(from, from + REMOVED).map(({ id }) => id) })
	}

	async function lock(tx: Tx, id: number): Promise<DocumentModel | null> {
		await tx.$queryRaw`SELECT FROM "Document" WHERE id = ${id} AND "replacesId" IS NULL FOR UPDATE`
		return tx.document.findFirst({ where: { id, replacesId: null } })
	}

	/** The draft of a locked document, with its file, unless that is the document's too. */
	async function removeDraft(tx: Tx, { id, storageKey }: DocumentModel): Promise<void> {
		const draft = await tx.document.findUnique({ where: { replacesId: id } })
		if (!draft) return
		await removeChunks(tx, draft.id)
		await tx.document.delete({ where: { id: draft.id } })
		await remove(tx, { documentId: draft.id, chunkIds: [], ...(draft.storageKey !== storageKey && { storageKey: draft.storageKey }) })
	}

	/** A new version of a locked document, in the place of one that is in the making. @throws AppError CONFLICT when it has the same bytes. */
	async function begin(tx: Tx, document: DocumentModel, facts: FileFacts): Promise<DocumentModel> {
		const { id, workspaceId, filename, version } = document
		if (document.hash === facts.hash) throw new AppError('sameBytes', { filename, documentId: id })
		await removeDraft(tx, document)
		const draft = await tx.document.create({
			data: { ...facts, metadata: facts.metadata as object, workspaceId, replacesId: id, version: version + 1, filename: `#${id}` },
		})
		await jobs.enqueue(tx, PROCESS_DOCUMENT, { documentId: draft.id }, String(workspaceId))
		return draft
	}

	return {
		removeChunks,
		lock,
		removeDraft,
		begin,

		/** The same bytes once more: of a failed document in its place, else as a new version. One that is under way stays so. */
		async reprocess(tx: Tx, document: DocumentModel): Promise<void> {
			const { id, workspaceId, status } = document
			const draft = await tx.document.findUnique({ where: { replacesId: id } })
			const isUnderWay = [document, draft].some((row) => row && row.status !== 'processed' && row.status !== 'failed')
			if (isUnderWay) return
			if (status === 'processed') {
				const { originalName, mimeType, format, size, hash, storageKey, metadata } = document
				await begin(tx, document, { originalName, mimeType, format, size, hash: `${hash}#`, storageKey, metadata })
				return
			}
			await removeChunks(tx, id)
			const fresh = { stageDone: 0, stageTotal: 0, attempts: 0, chunkCount: 0, claim: null, errorCode: null, errorProblem: Prisma.DbNull }
			await tx.document.update({ where: { id }, data: { ...fresh, status: 'uploaded' } })
			await jobs.enqueue(tx, PROCESS_DOCUMENT, { documentId: id }, String(workspaceId))
		},

		/** The draft takes the place of its document: whoever reads sees the one or the other whole. @returns null when either is gone. */
		async swap(
			tx: Tx,
			{ id, claim, replacesId }: Pick<DocumentModel, 'id' | 'claim' | 'replacesId'>,
			ended: Prisma.DocumentUpdateInput,
		): Promise<DocumentModel | null> {
			const document = replacesId === null ? null : await lock(tx, replacesId)
			const [draft] = await tx.document.updateManyAndReturn({ where: { id, claim, status: 'indexing' }, data: { claim: null } })
			if (!document || !draft) return null
			await removeChunks(tx, document.id)
			await tx.documentText.deleteMany({ where: { documentId: document.id } })
			await tx.documentText.updateMany({ where: { documentId: id }, data: { documentId: document.id } })
			await tx.chunkVector.deleteMany({ where: { chunk: { documentId: id } } })
			await tx.chunk.updateMany({ where: { documentId: id }, data: { documentId: document.id } })
			await tx.document.delete({ where: { id } })
			if (document.storageKey !== draft.storageKey) await remove(tx, { chunkIds: [], storageKey: document.storageKey })
			const { originalName, mimeType, format, size, hash, storageKey, metadata, chunkCount, stageTotal, version } = draft
			await tx.document.update({
				where: { id: document.id },
				data: {
					...{ originalName, mimeType, format, size, storageKey, chunkCount, stageTotal, version },
					...{ hash: hash.replace('#', ''), metadata: metadata as object },
					...{ errorCode: null, errorProblem: Prisma.DbNull, claim: null },
					...ended,
				},
			})
			// by the database's clock, which searches ask too
			await tx.$executeRaw`UPDATE "Document" SET "processedAt" = clock_timestamp() WHERE id = ${document.id}`
			return tx.document.findUnique({ where: { id: document.id } })
		},
	}
}
