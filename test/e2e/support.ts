import { cp, mkdtemp, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, inject, vi } from 'vitest'
import { ADMIN_PASSWORD } from '../support/config.ts'
import { type ServerProcess, startServer } from '../support/process.ts'
import { type Session, signIn } from '../support/session.ts'

/** Processes share the machine with the tests beside them. */
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 })

const directories: string[] = []
const servers = new Set<ServerProcess>()
afterAll(async () => {
	await Promise.all([...servers].map((server) => server.end('SIGKILL')))
	await Promise.all(directories.map((directory) => rm(directory, { recursive: true, force: true, maxRetries: 5 })))
})

/** An empty data directory, removed in the end. */
export async function emptyDirectory(): Promise<string> {
	const directory = await mkdtemp(path.join(tmpdir(), 'server-'))
	directories.push(directory)
	return directory
}

/** A data directory as a first start leaves it, with the admin's password known; removed in the end. */
export async function startedDirectory(): Promise<string> {
	const directory = await emptyDirectory()
	const template = inject('template')
	const models = path.join(template, 'models')
	await cp(template, directory, { recursive: true, filter: (source) => source !== models })
	await symlink(models, path.join(directory, 'models'))
	return directory
}

/** A server on a directory, ended with the file. */
export async function serve(directory: string, environment: Readonly<Record<string, string>> = {}): Promise<ServerProcess> {
	const server = await startServer({ directory, environment })
	servers.add(server)
	void server.ended.then(() => servers.delete(server))
	return server
}

export const signInAsAdmin = ({ url }: ServerProcess): Promise<Session> => signIn(url, 'admin', ADMIN_PASSWORD)

/** An event of the subscription `chat`. */
export interface ChatEvent {
	type: 'ChatStarted' | 'ChatSources' | 'ChatDelta' | 'ChatCompleted' | 'ChatFailed'
	sequence: number
	runId?: string
	text?: string
	sources?: { document: string; documentId: string; chunk: string; start: number; end: number }[]
	chat?: { response: string }
	code?: string
	partial?: string
}

/** Asks a question over the session's WebSocket and follows the answer. */
export async function* chat(session: Session, input: { message: string; mode?: 'CHAT' | 'QUERY'; requestId?: string }) {
	const events = session.subscribe<{ chat: ChatEvent }>(
		`subscription ($input: ChatInput!) {
			chat(slug: "default-workspace", input: $input) {
				type: __typename sequence
				... on ChatStarted { runId }
				... on ChatSources { sources { document documentId chunk start end } }
				... on ChatDelta { text }
				... on ChatCompleted { chat { response } }
				... on ChatFailed { code partial }
			}
		}`,
		{ input },
	)
	for await (const { chat } of events) yield chat
}

/** An event of the subscription `documentEvents`. */
export interface DocumentEvent {
	documentId: string
	status: 'UPLOADED' | 'PARSING' | 'CHUNKING' | 'EMBEDDING' | 'INDEXING' | 'PROCESSED' | 'FAILED'
	progress: { done: number; total: number }
	error: { code: string; reason: string } | null
}

/** Follows one document to its end, or all of the default workspace without one: what becomes of the documents themselves, not of new versions. */
export async function* documentEvents(session: Session, documentId?: number): AsyncGenerator<DocumentEvent, void, undefined> {
	const events = session.subscribe<{ documentEvents: DocumentEvent }>(
		`subscription ($documentId: ID) {
			documentEvents(slug: "default-workspace", documentId: $documentId) { documentId ... on DocumentProgressed { status progress { done total } error { code reason } } }
		}`,
		{ documentId },
	)
	for await (const { documentEvents } of events) if (documentEvents.status) yield documentEvents
}

/** Follows the new versions of all documents of the default workspace. */
export async function* versionEvents(session: Session): AsyncGenerator<Pick<DocumentEvent, 'documentId' | 'status'>, void, undefined> {
	const events = session.subscribe<{ documentEvents: DocumentEvent }>(
		'subscription { documentEvents(slug: "default-workspace") { documentId ... on DocumentVersionProgressed { status } } }',
	)
	for await (const { documentEvents } of events) if (documentEvents.status) yield documentEvents
}
