import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { promisify } from 'node:util'
import { beforeAll, describe, expect, it } from 'vitest'
import { ADMIN_PASSWORD } from '../support/config.ts'
import type { ServerProcess } from '../support/process.ts'
import { type Session, signIn } from '../support/session.ts'
import { chat, documentEvents, emptyDirectory, serve, signInAsAdmin, startedDirectory } from './support.ts'

const REFERENCE = path.resolve(import.meta.dirname, '../../../shared/spec/api-reference.zh.txt')
const TIME = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)

/** What a command line answers when it is typed into a shell. */
async function inShell(command: string): Promise<unknown> {
	const { stdout } = await promisify(execFile)('sh', ['-c', command], { timeout: 30_000 })
	return JSON.parse(stdout) as unknown
}

describe('a first start', () => {
	it('makes an admin and a workspace, and prints the addresses, the password and a command that works as it is', async () => {
		const directory = await emptyDirectory()
		const server = await serve(directory)
		const output = server.output()
		expect(output).toContain(`GraphQL    ${server.url}/graphql`)
		expect(output).toContain(`REST       ${server.url}/api `)
		expect(output).toContain(`${server.url}/api/docs`)
		const [, password = ''] = /^Admin +admin \/ (\S+)/m.exec(output) ?? []
		expect(password).toMatch(/^\S{12,}$/)

		const commands = output.split('\n').filter((line) => line.trim().startsWith('curl '))
		expect(commands).toHaveLength(1)
		expect(await inShell(commands[0] ?? '')).toMatchObject({ success: true, data: { user: { username: 'admin', role: 'admin' } } })

		const { workspaces } = await (await signIn(server.url, 'admin', password)).rest<{ workspaces: object[] }>('GET', '/workspaces')
		expect(workspaces).toMatchObject([{ name: '默认工作空间', slug: 'default-workspace' }])
		expect((await server.end()).code).toBe(0)

		const again = await serve(directory)
		expect(again.output()).not.toContain(password)
		expect((await signIn(again.url, 'admin', password)).token).not.toBe('')
		expect((await again.end()).code).toBe(0)
	})
})

describe('a server', () => {
	let server: ServerProcess
	let session: Session
	beforeAll(async () => {
		server = await serve(await startedDirectory(), { ADMIN_PASSWORD })
		session = await signInAsAdmin(server)
	})

	it.skipIf(!existsSync(REFERENCE))('answers the curl commands of the reference as it documents', async () => {
		const commands = curlCommandsIn(await readFile(REFERENCE, 'utf8'))
		expect(commands).toHaveLength(3)
		const [login = '', list = '', ask = ''] = commands.map((command) => command.replace(':3001/', `:${new URL(server.url).port}/`))
		const envelope = { success: true, error: null, message: '操作成功' }

		const signedIn = await inShell(login)
		expect(signedIn).toEqual({
			...envelope,
			data: { token: expect.any(String), user: expect.objectContaining({ id: 1, username: 'admin', role: 'admin' }) },
		})
		const { token } = (signedIn as { data: { token: string } }).data

		const workspace = { id: 1, name: '默认工作空间', slug: 'default-workspace', createdAt: TIME, updatedAt: TIME }
		expect(await inShell(list.replace('your-jwt-token', token))).toEqual({
			...envelope,
			data: expect.objectContaining({ workspaces: [expect.objectContaining(workspace)] }),
		})

		expect(await inShell(ask.replace('your-jwt-token', token).replace('my-workspace', 'default-workspace'))).toEqual({
			...envelope,
			data: expect.objectContaining({
				response: expect.stringMatching(/\S/),
				sources: [],
				threadId: expect.stringMatching(/^thread-/),
			}),
		})
	})

	it('takes a document in, tells each stage, and streams an answer from it', async () => {
		const bytes = new Uint8Array(await readFile(path.resolve(import.meta.dirname, '../../demo/documents/aurora-kettle-handbook.pdf')))
		const { status, data } = await session.upload('default-workspace', '手册.pdf', bytes)
		expect(status).toBe(201)
		expect(data.document).toMatchObject({ originalName: '手册.pdf', mimeType: 'application/pdf', size: bytes.length, processed: false })
		const { id: documentId, filename } = data.document

		const stages = (await Array.fromAsync(documentEvents(session, documentId))).map(({ status }) => status)
		expect(stages.at(-1)).toBe('PROCESSED')
		const order = ['UPLOADED', 'PARSING', 'CHUNKING', 'EMBEDDING', 'INDEXING', 'PROCESSED']
		expect(stages).toEqual(stages.toSorted((a, b) => order.indexOf(a) - order.indexOf(b)))

		const events = await Array.fromAsync(chat(session, { message: 'How long is the guarantee on the heating element?', mode: 'QUERY' }))
		expect(events.map(({ sequence }) => sequence)).toEqual(events.map((_event, index) => index + 1))
		const types = events.map(({ type }) => type)
		expect(types).toEqual(['ChatStarted', 'ChatSources', ...types.slice(2, -1).map(() => 'ChatDelta'), 'ChatCompleted'])
		expect(types).toContain('ChatDelta')
		const answer = events.map(({ text = '' }) => text).join('')
		expect(answer).toContain('five years on the heating element')
		expect(events.at(-1)?.chat?.response).toBe(answer)

		const { text } = await session.rest<{ text: string }>('GET', `/workspaces/default-workspace/documents/${documentId}/text`)
		const sources = events[1]?.sources ?? []
		expect(sources.length).toBeGreaterThan(0)
		for (const { document, chunk, start, end } of sources)
			expect({ document, chunk }).toEqual({ document: filename, chunk: text.slice(start, end) })
	})

	it('follows the same run from its first event when the same requestId comes again, while it runs and afterwards', async () => {
		const input = { message: 'What is in the box?', requestId: 'asked-once' }
		const another = await signInAsAdmin(server)
		const [first, second] = await Promise.all([Array.fromAsync(chat(session, input)), Array.fromAsync(chat(another, input))])
		expect(first[0]).toMatchObject({ type: 'ChatStarted', sequence: 1, runId: expect.stringMatching(/^run-/) })
		expect(first.at(-1)?.type).toBe('ChatCompleted')
		expect(second).toEqual(first)
		expect(await Array.fromAsync(chat(another, input))).toEqual(first)
		const { chats } = await session.rest<{ chats: { message: string }[] }>('GET', '/workspaces/default-workspace/chats')
		expect(chats.filter(({ message }) => message === input.message)).toHaveLength(1)
		await another.close()
	})
})

/** The commands of a text, each with the lines that it goes on in. */
function curlCommandsIn(text: string): string[] {
	return [...text.matchAll(/^curl (?:.*\\\n)*.*$/gm)].map(([command]) => command)
}
