import { randomUUID } from 'node:crypto'
import { readdir } from 'node:fs/promises'
import path from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { bootApp, type TestApp } from '../support/app.ts'
import { ended, textFile } from '../support/documents.ts'
import { createWorkspace, uploadDocument, uploadDocuments } from '../support/operations.ts'
import { filesIn, graphql, multipart, type Reply, rest, surfaces, withoutFiles } from '../support/surfaces.ts'

const MAX_BYTES = 10_000
const MAX_FILES = 20
const QUOTA = 5

let app: TestApp
let limited: TestApp
let admin: string
let slug: string
beforeAll(async () => {
	app = await bootApp({ environment: { UPLOAD_MAX_BYTES: String(MAX_BYTES) } })
	limited = await bootApp({ environment: { RATE_LIMIT_UPLOAD: String(QUOTA) } })
	admin = await app.tokenOf('admin')
})
afterAll(async () => {
	await app.end()
	await limited.end()
})
beforeEach(async () => {
	slug = randomUUID()
	await surfaces[0]?.ask(app, createWorkspace, { input: { name: 'Several', slug } }, admin)
})

const words = (name: string): File => textFile(name, `Words of ${name}, ${randomUUID()}.`)
const program = (): File => new File(['MZ\u0090\u0000\u0003\u0000\u0000\u0000\u0004\u0000'], 'program.pdf')
const huge = (): File => textFile('huge.txt', 'a'.repeat(MAX_BYTES * 3))

/** Of each file its name, and what became of it. */
function resultsOf({ data, code }: Pick<Reply, 'data' | 'code'>): [filename: string, outcome: string][] {
	expect(code).toBeUndefined()
	const results = (data.documents ?? data.results) as {
		filename: string
		document: { id: unknown } | null
		error: { code: string } | null
	}[]
	return results.map(({ filename, document, error }) => {
		expect(document === null).toBe(error !== null)
		return [filename, error?.code ?? 'ok']
	})
}

const leftOvers = async (): Promise<string[]> => (await readdir(path.join(app.directory, 'tmp'))).filter((name) => name !== '')
const namesIn = async (of = app) =>
	(await of.prisma.document.findMany({ where: { workspace: { slug } }, orderBy: { id: 'asc' } })).map((row) => row.originalName)

/** A form as it stands on the wire. */
const wire = (...parts: string[]): [body: string, headers: Record<string, string>] => [
	parts.join(''),
	{ 'content-type': 'multipart/form-data; boundary=b' },
]
const filePart = (filename: string, bytes: string, name = 'file') =>
	`--b\r\ncontent-disposition: form-data; name="${name}"; filename="${filename}"\r\n\r\n${bytes}\r\n`
const textPart = (name: string, text: string) => `--b\r\ncontent-disposition: form-data; name="${name}"\r\n\r\n${text}\r\n`
const END = '--b--\r\n'

describe.each(surfaces)('uploading several files over $name', (surface) => {
	const upload = (files: readonly File[], metadata?: unknown, headers?: Record<string, string>) =>
		surface.ask(app, uploadDocuments, { slug, input: { ...(metadata !== undefined && { metadata }), files } }, admin, headers)

	it('makes a document of each, which is processed', async () => {
		const reply = await upload([words('one.txt'), words('two.md'), words('三.txt')])
		expect(resultsOf(reply)).toEqual([
			['one.txt', 'ok'],
			['two.md', 'ok'],
			['三.txt', 'ok'],
		])
		const documents = (reply.data.documents ?? reply.data.results).map(({ document }: { document: object }) => document)
		for (const { id } of documents) await ended(app, slug, Number(id))
		expect(await app.prisma.document.count({ where: { workspace: { slug }, status: 'processed' } })).toBe(3)
	})

	it('refuses the bad ones, says why in the language of the caller, and takes the others', async () => {
		const [good, last] = [words('good.txt'), words('last.txt')]
		const copy = new File([await good.text()], 'copy.txt')
		const reply = await upload([textFile('empty.txt', ''), good, program(), huge(), copy, last], undefined, { 'accept-language': 'en' })
		expect(resultsOf(reply)).toEqual([
			['empty.txt', 'UNPROCESSABLE'],
			['good.txt', 'ok'],
			['program.pdf', 'UNPROCESSABLE'],
			['huge.txt', 'PAYLOAD_TOO_LARGE'],
			['copy.txt', 'CONFLICT'],
			['last.txt', 'ok'],
		])
		const [empty, , , , same] = reply.data.documents ?? reply.data.results
		expect(empty.error.reason).toMatch(/^The file is empty/)
		expect(same.error.reason).toContain('good.txt')
		expect(await namesIn()).toEqual(['good.txt', 'last.txt'])
		expect(await leftOvers()).toEqual([])
	})

	it('gives all of them the metadata', async () => {
		await upload([words('one.txt'), words('two.txt')], { author: '李雷' })
		const rows = await app.prisma.document.findMany({ where: { workspace: { slug } } })
		expect(rows.map(({ metadata }) => metadata)).toEqual([{ author: '李雷' }, { author: '李雷' }])
	})

	it('refuses bad metadata for all of them', async () => {
		expect((await upload([words('one.txt'), words('two.txt')], [1])).code).toBe('UNPROCESSABLE')
		expect(await namesIn()).toEqual([])
	})

	it('counts each, and refuses those over the limit', async () => {
		const user = await limited.tokenOf(`lin-${surface.name}`)
		await surface.ask(limited, createWorkspace, { input: { name: 'Limited', slug } }, user)
		const one = await surface.ask(limited, uploadDocument, { slug, input: { file: words('zero.txt') } }, user)
		expect(one.code).toBeUndefined()
		const files = ['a.txt', 'b.txt', 'c.txt', 'd.txt', 'e.txt', 'f.txt'].map(words)
		const results = resultsOf(await surface.ask(limited, uploadDocuments, { slug, input: { files } }, user))
		expect(results).toEqual([
			['a.txt', 'ok'],
			['b.txt', 'ok'],
			['c.txt', 'ok'],
			['d.txt', 'ok'],
			['e.txt', 'RATE_LIMITED'],
			['f.txt', 'RATE_LIMITED'],
		])
		expect(await namesIn(limited)).toHaveLength(QUOTA)
		expect((await surface.ask(limited, uploadDocuments, { slug, input: { files: [words('g.txt'), words('h.txt')] } }, user)).code).toBe(
			'RATE_LIMITED',
		)
	})

	it(`takes ${MAX_FILES}`, async () => {
		const files = Array.from({ length: MAX_FILES }, (_, index) => words(`${index}.txt`))
		expect(resultsOf(await upload(files)).map(([, outcome]) => outcome)).toEqual(files.map(() => 'ok'))
	})

	it('makes none of several files with an Idempotency-Key', async () => {
		expect((await upload([words('one.txt'), words('two.txt')], undefined, { 'idempotency-key': randomUUID() })).code).toBe('UNPROCESSABLE')
		expect(await namesIn()).toEqual([])
	})

	it('is for those who may change the workspace', async () => {
		const stranger = await app.tokenOf('stranger')
		const files = [words('one.txt'), words('two.txt')]
		expect((await surface.ask(app, uploadDocuments, { slug, input: { files } }, stranger)).code).toBe('NOT_FOUND')
		expect((await surface.ask(app, uploadDocuments, { slug, input: { files } }, null)).code).toBe('UNAUTHENTICATED')
	})
})

describe('several files over REST', () => {
	const send = (...parts: string[]) => {
		const [body, headers] = wire(...parts)
		return rest(app, 'POST', `/workspaces/${slug}/documents`, body, admin, headers)
	}

	it('answer the first document that was made, too, and where it is', async () => {
		const { status, headers, data } = await send(filePart('empty.txt', ''), filePart('one.txt', 'one'), filePart('two.txt', 'two'), END)
		expect(status).toBe(201)
		expect(data.document).toEqual(data.documents[1].document)
		expect(headers.get('location')).toBe(`/api/workspaces/${slug}/documents/${data.document.id}`)
	})

	it('answer the first error when none was made', async () => {
		const { status, code, data } = await send(filePart('huge.txt', 'a'.repeat(MAX_BYTES + 1)), filePart('empty.txt', ''), END)
		expect([status, code, data]).toEqual([413, 'PAYLOAD_TOO_LARGE', null])
	})

	it('leave the answer to one file as it is', async () => {
		const { data } = await send(filePart('one.txt', 'one'), END)
		expect(Object.keys(data)).toEqual(['document'])
	})

	it.each([
		['after', [filePart('one.txt', 'one'), filePart('two.txt', 'two'), textPart('metadata', '{"a":1}')]],
		['between', [filePart('one.txt', 'one'), textPart('metadata', '{"a":1}'), filePart('two.txt', 'two')]],
		['before', [textPart('metadata', '{"a":1}'), filePart('one.txt', 'one'), filePart('two.txt', 'two')]],
	])('have the metadata that comes %s them', async (_place, parts) => {
		const { data } = await send(...parts, END)
		expect(data.documents.map(({ document }: { document: { metadata: unknown } }) => document.metadata)).toEqual([{ a: 1 }, { a: 1 }])
	})

	it('make nothing when the metadata behind them is bad', async () => {
		expect((await send(filePart('one.txt', 'one'), filePart('two.txt', 'two'), textPart('metadata', '[1]'), END)).status).toBe(422)
		expect([await namesIn(), await leftOvers()]).toEqual([[], []])
	})

	it.each([
		['within a file', [filePart('two.txt', 'half of i').slice(0, -2)], ['two.txt', 'BAD_REQUEST']],
		['between files', [filePart('two.txt', 'two'), '--b\r\ncontent-dispo'], ['', 'BAD_REQUEST']],
		['by a file of another name', [filePart('two.txt', 'two'), filePart('three.txt', 'three', 'other'), END], ['', 'BAD_REQUEST']],
	])('stay, where the body breaks behind them: %s', async (_where, parts, last) => {
		const reply = await send(filePart('one.txt', 'one'), ...parts)
		const results = resultsOf(reply)
		expect([results[0], results.at(-1)]).toEqual([['one.txt', 'ok'], last])
		expect(await namesIn()).toEqual(results.slice(0, -1).map(([name]) => name))
		expect(await leftOvers()).toEqual([])
	})

	it(`are ${MAX_FILES} at most: those before stay`, async () => {
		const parts = Array.from({ length: MAX_FILES + 2 }, (_, index) => filePart(`${index}.txt`, `The ${index}`))
		const results = resultsOf(await send(...parts, END))
		expect(results.map(([, outcome]) => outcome)).toEqual([...Array.from({ length: MAX_FILES }, () => 'ok'), 'BAD_REQUEST'])
		expect(await namesIn()).toHaveLength(MAX_FILES)
	})

	it('are no new version', async () => {
		const { data } = await send(filePart('one.txt', 'one'), END)
		const [body, headers] = wire(filePart('two.txt', 'two'), filePart('three.txt', 'three'), END)
		const reply = await rest(app, 'PUT', `/workspaces/${slug}/documents/${data.document.id}`, body, admin, headers)
		expect(reply.status).toBe(422)
	})
})

describe('several files over GraphQL', () => {
	const ask = (files: readonly File[]) => graphql(app, uploadDocuments.graphql.query, { slug, input: { files } }, admin)

	it('say all that is wrong when none was made', async () => {
		expect(resultsOf(await ask([textFile('a.txt', ''), textFile('b.txt', '')])).map(([, outcome]) => outcome)).toEqual([
			'UNPROCESSABLE',
			'UNPROCESSABLE',
		])
	})

	it(`are 1 to ${MAX_FILES}`, async () => {
		expect((await ask([])).code).toBe('UNPROCESSABLE')
		expect((await ask(Array.from({ length: MAX_FILES + 1 }, (_, index) => words(`${index}.txt`)))).code).toBe('BAD_REQUEST')
		expect(await namesIn()).toEqual([])
	})

	it('are refused when one of them is in two places, or none has arrived', async () => {
		const variables = { slug, input: { files: [words('one.txt'), words('two.txt')] } }
		const operations = JSON.stringify({ query: uploadDocuments.graphql.query, variables: withoutFiles(variables) })
		const [first] = filesIn(variables)
		const send = async (body: FormData) => {
			const request = new Request('http://localhost/graphql', { method: 'POST', body, headers: { authorization: `Bearer ${admin}` } })
			return (await app.fetch(request)).json() as Promise<{ data: { uploadDocuments: never }; errors?: { extensions: { code: string } }[] }>
		}
		const twice = multipart(operations, first ? [first] : [])
		twice.set('map', '{"0":["variables.input.files.0","variables.input.files.1"]}')
		expect((await send(twice)).errors?.[0]?.extensions.code).toBe('BAD_REQUEST')
		const missing = multipart(operations, filesIn(variables))
		missing.delete('1')
		const { data } = await send(missing)
		expect(resultsOf({ data: data.uploadDocuments, code: undefined })).toEqual([
			['one.txt', 'ok'],
			['', 'BAD_REQUEST'],
		])
	})
})
