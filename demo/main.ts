import { rmSync } from 'node:fs'
import { mkdtemp, readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { startServer } from '../test/support/process.ts'
import { type Session, signIn } from '../test/support/session.ts'
import { type Answer, type DocumentText, expectAnswer, expectRefusal } from './checks.ts'
import { print, printAnswer, printCitations, section } from './print.ts'
import { inChinese, inEnglish, type Question, unanswerable } from './questions.ts'
import { askOverGraphQL, askOverRest, askOverWebSocket, followDocument } from './requests.ts'

/** Longest time that the whole demonstration may take on a slow machine. */
const LIMIT_MS = 120_000
const PASSWORD = 'a password for one minute'
const FILES = ['aurora-kettle-handbook.pdf', '员工手册.md', '海门生产基地安全规程.docx']

const startedAt = performance.now()
const seconds = (since: number) => `${((performance.now() - since) / 1_000).toFixed(1)} s`
const watchdog = setTimeout(() => {
	console.error(`\nThe demonstration has not ended after ${LIMIT_MS / 1_000} s.`)
	process.exit(1) // the server is killed on the way out
}, LIMIT_MS)

const directory = await mkdtemp(path.join(tmpdir(), 'demo-'))
process.on('exit', () => rmSync(directory, { recursive: true, force: true, maxRetries: 5 }))
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1))
try {
	const server = await startServer({ directory, environment: { ADMIN_PASSWORD: PASSWORD, LLM_PROVIDER: 'extractive' } })
	section('A throw-away server')
	print(`Ready after ${(server.bootMs / 1_000).toFixed(1)} s: an empty data directory, no key, no other service.`)
	const { code, output } = await demonstrate(server.url).then(
		() => server.end(),
		async (error: unknown) => {
			await server.end('SIGKILL')
			throw error
		},
	)
	if (code !== 0) throw new Error(`the server ended with ${code}:\n${output}`)
	print(`\nThe server has stopped. Everything was as expected, in ${seconds(startedAt)}.`)
} catch (error) {
	console.error(`\nNot as expected: ${error instanceof Error ? error.message : String(error)}`)
	process.exitCode = 1
} finally {
	clearTimeout(watchdog)
}

async function demonstrate(url: string): Promise<void> {
	const session = await signIn(url, 'admin', PASSWORD)
	try {
		print('Signed in as admin: POST /api/auth/login')
		const { workspace } = await session.rest<{ workspace: { name: string; slug: string } }>('POST', '/workspaces', { name: '产品与制度' })
		print(`Made the workspace ${workspace.name}: POST /api/workspaces gave it the slug ${workspace.slug}`)

		section('Three documents, uploaded with POST /api/workspaces/:slug/documents, followed with subscription documentEvents')
		const texts = new Map<string, DocumentText>()
		for (const name of FILES) texts.set(name, await takeIn(session, workspace.slug, name))
		await converse(session, workspace.slug, texts)
	} finally {
		await session.close()
	}
}

/** Uploads a file, waits until it is processed, and reads its text back. */
async function takeIn(session: Session, slug: string, name: string): Promise<DocumentText> {
	const since = performance.now()
	const bytes = new Uint8Array(await readFile(path.join(import.meta.dirname, 'documents', name)))
	const { status, envelope, data } = await session.upload(slug, name, bytes)
	if (status !== 201) throw new Error(`${name} was refused: ${envelope.error}`)
	const { id, filename, mimeType, size } = data.document
	print(`${name} (${mimeType}, ${size.toLocaleString('en')} bytes) is document ${id}, ${filename}`)
	const { stages, chunks } = await followDocument(session, slug, id)
	print(`  ${stages.join(' > ')}: ${chunks} chunks after ${seconds(since)}`)
	return session.rest<DocumentText>('GET', `/workspaces/${slug}/documents/${id}/text`)
}

async function converse(session: Session, slug: string, texts: ReadonlyMap<string, DocumentText>): Promise<void> {
	function check({ message, document, expected }: Question, answer: Answer): void {
		const filename = texts.get(document)?.filename ?? ''
		expectAnswer({ message, filename, expected }, answer, [...texts.values()])
	}

	print('\nOf each answer every source and every quote is compared with those characters of GET …/documents/:documentId/text.')
	const surfaces = [
		{ title: 'Over REST: POST /api/workspaces/:slug/chat', ask: askOverRest, show: printAnswer },
		{ title: 'Over GraphQL: mutation sendMessage', ask: askOverGraphQL, show: printAnswer },
		{ title: 'Over a WebSocket: subscription chat, event by event', ask: askOverWebSocket, show: printCitations },
	]
	for (const [index, { title, ask, show }] of surfaces.entries()) {
		section(title)
		for (const question of [inEnglish[index], inChinese[index]]) {
			if (!question) throw new Error('too few questions')
			print(`\n? ${question.message}`)
			const answer = await ask(session, slug, { message: question.message })
			check(question, answer)
			show(answer)
		}
	}

	section('What no document says is refused in the mode "query"')
	for (const message of unanswerable) {
		print(`\n? ${message}`)
		const answer = await askOverRest(session, slug, { message, mode: 'query' })
		expectRefusal(message, answer)
		printAnswer(answer)
	}

	section('The history: GET /api/workspaces/:slug/chats')
	const { chats } = await session.rest<{ chats: { id: number; message: string; threadId: string }[] }>('GET', `/workspaces/${slug}/chats`)
	for (const { id, message } of chats) print(`${id}  ${message}`)
	if (chats.length !== 6 + unanswerable.length) throw new Error(`${chats.length} chats are remembered`)
}
