import { createHash } from 'node:crypto'
import { readdir, readlink } from 'node:fs/promises'
import { request } from 'node:http'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { bootApp, type TestApp } from '../support/app.ts'
import { takeIn } from '../support/documents.ts'
import { graphql, rest, ways } from '../support/surfaces.ts'

const slug = 'default-workspace'
const BYTES = Buffer.from(`<h1>员工手册</h1>${'<p>Every line of it is text. </p>'.repeat(300)}`)
const NAME = "员工手册 (2026)'.html"
const TAG = `"${createHash('sha256').update(BYTES).digest('hex')}"`

let app: TestApp
let clock = Date.now
let admin: string
let id: number
let filename: string
beforeAll(async () => {
	app = await bootApp({ now: () => clock() })
	admin = await app.tokenOf('admin')
	await app.tokenOf('stranger')
	;({ id, filename } = await takeIn(app, slug, new File([BYTES], NAME), admin))
})
afterAll(() => app.end())

const path = (documentId = id) => `/api/workspaces/${slug}/documents/${documentId}/file`
const urlFor = async (token = admin): Promise<string> =>
	(await graphql(app, 'query ($id: ID!) { document(id: $id) { fileUrl } }', { id }, token)).data.fileUrl

describe.each(ways)('the file of a document $name', (way) => {
	const ask = (headers: Record<string, string> = {}, { method = 'GET', at = path(), token = admin as string | null } = {}) =>
		way.to(app).fetch(
			new Request(`http://localhost${at}`, {
				method,
				headers: { 'accept-encoding': 'gzip, br', ...(token && { authorization: `Bearer ${token}` }), ...headers },
			}),
		)
	const statusOf = async (asked: Promise<Response>) => {
		const { status, body } = await asked
		await body?.cancel()
		return status
	}
	const bytesOf = async (response: Response) => Buffer.from(await response.arrayBuffer())

	it('is its bytes, which nobody shows as a page, compresses or keeps for others', async () => {
		const response = await ask()
		expect(response.status).toBe(200)
		expect(Object.fromEntries(response.headers)).toMatchObject({
			'content-type': 'text/html',
			'content-length': String(BYTES.length),
			'content-disposition': `attachment; filename="${filename}"; filename*=UTF-8''${encodeURIComponent('员工手册 ')}%282026%29%27.html`,
			'content-security-policy': "sandbox; default-src 'none'",
			'cross-origin-resource-policy': 'same-origin',
			'x-content-type-options': 'nosniff',
			'accept-ranges': 'bytes',
			'cache-control': 'private, no-cache, no-transform',
			etag: TAG,
		})
		expect(response.headers.has('content-encoding')).toBe(false)
		expect((await bytesOf(response)).equals(BYTES)).toBe(true)
	})

	it('tells its length to HEAD', async () => {
		const response = await ask({ range: 'bytes=0-3' }, { method: 'HEAD' })
		expect([response.status, response.headers.get('content-length'), await response.text()]).toEqual([200, String(BYTES.length), ''])
	})

	it.each([
		['bytes=0-3', 0, 3],
		['bytes=5-', 5, BYTES.length - 1],
		['bytes=-7', BYTES.length - 7, BYTES.length - 1],
		['bytes=10-10', 10, 10],
		[`bytes=9-${BYTES.length + 5}`, 9, BYTES.length - 1],
		['bytes=-99999999', 0, BYTES.length - 1],
	])('is had in part: %s', async (range, start, end) => {
		const response = await ask({ range })
		expect([response.status, response.headers.get('content-range'), response.headers.get('content-length')]).toEqual([
			206,
			`bytes ${start}-${end}/${BYTES.length}`,
			String(end - start + 1),
		])
		expect((await bytesOf(response)).equals(BYTES.subarray(start, end + 1))).toBe(true)
	})

	it.each(['bytes=0-1,4-5', 'bytes=x', 'lines=1-2', 'bytes=-', 'bytes=5-4'])(
		'is whole where a range is none that is known: %s',
		async (range) => {
			const response = await ask({ range })
			expect([response.status, (await bytesOf(response)).length]).toEqual([200, BYTES.length])
		},
	)

	it.each([`bytes=${BYTES.length}-`, 'bytes=-0'])('has no part behind its end: %s', async (range) => {
		const response = await ask({ range })
		expect([response.status, response.headers.get('x-error-code'), response.headers.get('content-range')]).toEqual([
			416,
			'RANGE_NOT_SATISFIABLE',
			`bytes */${BYTES.length}`,
		])
		expect(await response.json()).toMatchObject({ success: false, data: null })
	})

	it('is had in part only of the same file, and not again by who has it', async () => {
		expect(await statusOf(ask({ range: 'bytes=0-3', 'if-range': TAG }))).toBe(206)
		expect(await statusOf(ask({ range: 'bytes=0-3', 'if-range': '"another"' }))).toBe(200)
		expect(await statusOf(ask({ range: 'bytes=0-3', 'if-range': 'Wed, 21 Oct 2026 07:28:00 GMT' }))).toBe(200)
		const known = await ask({ 'if-none-match': TAG })
		expect([known.status, known.headers.get('etag'), await known.text()]).toEqual([304, TAG, ''])
	})

	it('is had without a token by its signed URL, with all that goes with it', async () => {
		const at = await urlFor()
		expect(at).toMatch(new RegExp(`^${path()}\\?signature=`))
		const response = await ask({ range: 'bytes=0-3' }, { at, token: null })
		expect([response.status, (await bytesOf(response)).toString()]).toEqual([206, '<h1>'])
		const twin = await graphql(app, 'query ($slug: String!, $id: ID!) { documentFile(slug: $slug, documentId: $id) }', { slug, id }, admin)
		expect(await statusOf(ask({}, { at: twin.data, token: null }))).toBe(200)
	})

	it('is refused by a URL that was changed, is of another document, or too old', async () => {
		const other = await takeIn(app, slug, new File([`other ${way.name}`], 'other.txt'), admin)
		const at = await urlFor()
		const [, signature = ''] = at.split('signature=')
		const [userId, expires = '', mac] = signature.split('.')
		for (const forged of [
			`${at.slice(0, -2)}${at.endsWith('A') ? 'BB' : 'AA'}`,
			`${path()}?signature=`,
			`${path()}?signature=x`,
			`${path()}?signature=2.${expires}.${mac}`,
			`${path()}?signature=${userId}.${Number(expires) + 1}.${mac}`,
			`${path(other.id)}?signature=${signature}`,
		]) {
			const response = await ask({}, { at: forged, token: null })
			expect([forged, response.status, response.headers.get('x-error-code')]).toEqual([forged, 401, 'UNAUTHENTICATED'])
			expect(await response.json()).toMatchObject({ success: false, data: null, error: expect.any(String) })
		}
		clock = () => Number(expires)
		try {
			expect(await statusOf(ask({}, { at, token: null }))).toBe(401)
		} finally {
			clock = Date.now
		}
	})

	it('is refused by the URL of somebody who has left the workspace, or is gone', async () => {
		const name = `reader ${way.name}`
		const reader = await app.tokenOf(name)
		await app.join(name, slug, 'viewer')
		const at = await urlFor(reader)
		expect(await statusOf(ask({}, { at, token: null, method: 'HEAD' }))).toBe(200)
		const { id: userId } = await app.prisma.user.findUniqueOrThrow({ where: { username: name } })
		await app.prisma.member.deleteMany({ where: { userId } })
		expect(await statusOf(ask({}, { at, token: null }))).toBe(404)
		await app.prisma.user.delete({ where: { id: userId } })
		expect(await statusOf(ask({}, { at, token: null }))).toBe(401)
	})

	it('is refused to others, and where there is none', async () => {
		expect(await statusOf(ask({}, { token: null }))).toBe(401)
		expect(await statusOf(ask({}, { token: await app.tokenOf('stranger') }))).toBe(404)
		expect(await statusOf(ask({}, { at: path(987_654) }))).toBe(404)
		const lost = await app.prisma.document.create({
			data: {
				...{ workspaceId: 1, filename: way.name, originalName: 'lost', mimeType: 'text/plain', format: 'text', size: 3, hash: way.name },
				...{ storageKey: '1/none', status: 'processed' },
			},
		})
		const response = await ask({}, { at: path(lost.id) })
		expect([response.status, response.headers.get('x-error-code')]).toEqual([404, 'NOT_FOUND'])
	})
})

it('is closed when the client leaves in the middle', async () => {
	const large = await rest(app, 'POST', `/workspaces/${slug}/documents`, formOf('large.txt', 'a line of text\n'.repeat(2_000_000)), admin)
	const opened = vi.spyOn(app.services.originals, 'get')
	const url = `${await app.url()}${path(large.data.document.id)}`
	await new Promise<void>((resolve, reject) => {
		const asked = request(url, { headers: { authorization: `Bearer ${admin}` } }, (response) => {
			response.once('data', async () => {
				const file = await opened.mock.results[0]?.value
				expect(file.source.size).toBe(30_000_000)
				response.destroy()
				resolve()
			})
		})
		asked.on('error', reject).end()
	})
	await expect
		.poll(async () => {
			const links = await Promise.all((await readdir('/proc/self/fd')).map((fd) => readlink(`/proc/self/fd/${fd}`).catch(() => '')))
			return links.filter((link) => link.startsWith(`${app.directory}/files`))
		})
		.toEqual([])
})

function formOf(name: string, text: string): FormData {
	const form = new FormData()
	form.set('file', new File([text], name))
	return form
}
