import { createHmac, timingSafeEqual } from 'node:crypto'
import type { Viewer } from '../auth/auth.ts'
import type { PrismaClient } from '../database/database.ts'
import { Download } from '../downloads.ts'
import { AppError } from '../errors.ts'
import type { DocumentModel } from '../generated/prisma/models.ts'
import type { Storage } from '../storage/storage.ts'
import type { Access } from '../workspaces/access.ts'

type Original = Pick<DocumentModel, 'id' | 'filename' | 'originalName' | 'mimeType' | 'size' | 'hash' | 'storageKey'>

interface Dependencies {
	prisma: PrismaClient
	access: Access
	storage: Pick<Storage, 'open'>
	/** Of the installation. */
	secret: string
	now?: (() => number) | undefined
}

/** How long a link to a file is good. */
const LINK_MS = 5 * 60_000

export type Originals = ReturnType<typeof createOriginals>

/** The files of documents, as they were uploaded. */
export function createOriginals({ prisma, access, storage, secret, now = Date.now }: Dependencies) {
	const key = createHmac('sha256', secret).update('links to files').digest()
	const macOf = (documentId: number, userId: string, expiresAt: string) =>
		createHmac('sha256', key).update(`${documentId}.${userId}.${expiresAt}`).digest('base64url')

	function signed({ id: userId }: Viewer, documentId: number): string {
		const expiresAt = String(now() + LINK_MS)
		return `${userId}.${expiresAt}.${macOf(documentId, String(userId), expiresAt)}`
	}

	/** Who a link was made for, with the rights that they have now. @throws AppError UNAUTHENTICATED. */
	async function readerOf(signature: string, documentId: number): Promise<Viewer> {
		const [, userId = '', expiresAt = '', mac = ''] = /^(\d{1,10})\.(\d{1,15})\.([\w-]{43})$/.exec(signature) ?? []
		const isOurs = mac !== '' && timingSafeEqual(Buffer.from(mac), Buffer.from(macOf(documentId, userId, expiresAt)))
		if (!isOurs || Number(expiresAt) <= now()) throw new AppError('badFileUrl')
		const user = await prisma.user.findUnique({ where: { id: Number(userId) }, select: { id: true, username: true, role: true } })
		if (!user) throw new AppError('badFileUrl')
		return { ...user, sessionId: '' }
	}

	const downloadOf = (viewer: Viewer, slug: string, { id, storageKey, ...file }: Original): Download =>
		new Download({
			...file,
			url: () => `/api/workspaces/${encodeURIComponent(slug)}/documents/${id}/file?signature=${signed(viewer, id)}`,
			open: (part) => storage.open(storageKey, part),
		})

	return {
		/**
		 * The file of a document, for the viewer or for whom the signature of a link was made.
		 * @throws AppError NOT_FOUND; UNAUTHENTICATED for a signature that is forged, of another document or too old.
		 */
		async get(viewer: Viewer | null, slug: string, id: number, signature: string | null | undefined): Promise<Download> {
			const reader = signature == null ? viewer : await readerOf(signature, id)
			if (!reader) throw new AppError('notSignedIn')
			const { id: workspaceId } = await access.require(reader, slug, 'view')
			const document = await prisma.document.findFirst({ where: { id, workspaceId, replacesId: null } })
			if (!document) throw new AppError('noSuchDocument')
			return downloadOf(reader, slug, document)
		},

		/** Of a document that the viewer was given. */
		of: downloadOf,
	}
}
