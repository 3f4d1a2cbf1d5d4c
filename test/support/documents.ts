import type { Viewer } from '../../src/auth/auth.ts'
import { isEnded } from '../../src/documents/events.ts'
import type { TestApp } from './app.ts'
import { rest } from './surfaces.ts'

const ADMIN: Viewer = { id: 1, username: 'admin', role: 'admin', sessionId: '' }

/** Longest time that the processing of one file of a test may take. */
const PROCESSING_MS = 60_000

export const textFile = (name: string, text: string): File => new File([text], name)

/** Waits until a document, and a new version of it, has ended, processed or failed. */
export async function ended(app: TestApp, slug: string, documentId: number): Promise<void> {
	const events = await app.services.documents.events(ADMIN, slug, documentId, AbortSignal.timeout(PROCESSING_MS))
	let hasEnded = false
	for await (const event of events) if (event.type === 'state') hasEnded = isEnded(event.document)
	if (!hasEnded) throw new Error(`document ${documentId} did not end`)
}

/** Uploads a file and waits until it has ended. @returns the document as it is then, as REST shows it. */
export async function takeIn(app: TestApp, slug: string, file: File, token: string) {
	const body = new FormData()
	body.set('file', file)
	const { data, error } = await rest(app, 'POST', `/workspaces/${slug}/documents`, body, token)
	if (error !== null) throw new Error(error)
	await ended(app, slug, data.document.id)
	return (await rest(app, 'GET', `/workspaces/${slug}/documents/${data.document.id}`, undefined, token)).data.document
}
