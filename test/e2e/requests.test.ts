import { once } from 'node:events'
import { readdir } from 'node:fs/promises'
import { connect, type Socket } from 'node:net'
import path from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { ADMIN_PASSWORD } from '../support/config.ts'
import type { ServerProcess } from '../support/process.ts'
import type { Session } from '../support/session.ts'
import { serve, signInAsAdmin, startedDirectory } from './support.ts'

const MAX_BYTES = 64 * 1024
const DOCUMENTS = '/workspaces/default-workspace/documents'

let directory: string
let server: ServerProcess
let session: Session
beforeAll(async () => {
	directory = await startedDirectory()
	server = await serve(directory, { ADMIN_PASSWORD, UPLOAD_MAX_BYTES: '64KiB' })
	session = await signInAsAdmin(server)
})

const isFailure = { success: false, data: null, error: expect.stringMatching(/\S/), message: '操作失败' }

/** A socket of our own, and all that came over it. */
async function dial(): Promise<{ socket: Socket; heard: () => string }> {
	const { hostname, port } = new URL(server.url)
	const socket = connect(Number(port), hostname)
	let heard = ''
	socket.setEncoding('latin1').on('data', (text: string) => {
		heard += text
	})
	await once(socket, 'connect')
	return { socket, heard: () => heard }
}

/** The head of a multipart upload of so many bytes, and the parts of its body. */
function uploadOf(name: string, bytes: number) {
	const before = `--part\r\nContent-Disposition: form-data; name="file"; filename="${name}"\r\nContent-Type: text/plain\r\n\r\n`
	const after = '\r\n--part--\r\n'
	const head = [
		`POST /api${DOCUMENTS} HTTP/1.1`,
		'Host: localhost',
		`Authorization: Bearer ${session.token}`,
		'Content-Type: multipart/form-data; boundary=part',
		`Content-Length: ${before.length + bytes + after.length}`,
	]
	return { head: `${head.join('\r\n')}\r\n\r\n`, before, bytes: 'a line of text.\n'.repeat(Math.ceil(bytes / 16)).slice(0, bytes), after }
}

async function documents(): Promise<object[]> {
	return (await session.rest<{ documents: object[] }>('GET', DOCUMENTS)).documents
}

/** Files that uploads left: those in the making, and those kept. */
const leftFiles = async () => (await Promise.all(['tmp', 'files'].map((folder) => readdir(path.join(directory, folder))))).flat()

describe('what cannot be read', () => {
	it('is answered with 400 in the envelope when it is no JSON', async () => {
		const headers = { 'content-type': 'application/json' }
		const response = await fetch(`${server.url}/api/auth/login`, { method: 'POST', headers, body: '{"username": "admin",' })
		expect(response.status).toBe(400)
		expect(response.headers.get('x-error-code')).toBe('BAD_REQUEST')
		expect(response.headers.get('x-request-id')).toMatch(/\S/)
		expect(await response.json()).toEqual(isFailure)

		const graphql = await fetch(`${server.url}/graphql`, { method: 'POST', headers, body: '{"query": ' })
		expect(graphql.status).toBe(400)
		expect(await graphql.json()).toMatchObject({ errors: [{ extensions: { code: 'BAD_REQUEST' } }] })
	})

	it('is answered with 404 for an unknown path, with 405 and Allow for an unknown method', async () => {
		const unknown = await session.ask('GET', '/no/such/path')
		expect([unknown.status, unknown.headers.get('x-error-code')]).toEqual([404, 'NOT_FOUND'])
		expect(unknown.envelope).toEqual(isFailure)

		const wrong = await session.ask('PATCH', '/workspaces')
		expect([wrong.status, wrong.headers.get('x-error-code')]).toEqual([405, 'METHOD_NOT_ALLOWED'])
		expect(wrong.headers.get('allow')?.split(/, */).toSorted()).toEqual(expect.arrayContaining(['GET', 'POST']))
		expect(wrong.envelope).toEqual(isFailure)
	})

	it('does not harm the server when it is no HTTP', async () => {
		const { socket, heard } = await dial()
		socket.write('\x16\x03\x01\x02\x00 this is TLS, or noise\r\n\r\n')
		await once(socket, 'close')
		expect(heard()).toMatch(/^HTTP\/1\.1 400 /)
		expect((await fetch(`${server.url}/health/ready`)).status).toBe(200)
	})
})

describe('a file over the limit', () => {
	it.each([
		{ what: 'by its Content-Length', bytes: 5 * 1024 * 1024 },
		{ what: 'by its bytes', bytes: MAX_BYTES + 1 },
	])('is refused $what, to a client that sends all of it first, on a connection that goes on', async ({ bytes }) => {
		const { socket, heard } = await dial()
		const failed = once(socket, 'error').then(([error]) => Promise.reject(error))
		const upload = uploadOf('large.txt', bytes)
		socket.write(upload.head + upload.before + upload.bytes + upload.after)
		socket.write('GET /health/live HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n')
		await Promise.race([once(socket, 'close'), failed])
		expect(heard().match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 413', 'HTTP/1.1 200'])
		expect(heard()).toMatch(/x-error-code: PAYLOAD_TOO_LARGE/i)
		expect(await documents()).toEqual([])
		await expect.poll(leftFiles).toEqual([])
	})

	it('is refused to fetch, also when its length is not known', async () => {
		const { status, envelope } = await session.upload('default-workspace', 'large.txt', 'x'.repeat(2 * 1024 * 1024))
		expect(status).toBe(413)
		expect(envelope).toEqual(isFailure)

		const { before, bytes, after } = uploadOf('large.txt', 2 * 1024 * 1024)
		const streamed = {
			method: 'POST',
			headers: { authorization: `Bearer ${session.token}`, 'content-type': 'multipart/form-data; boundary=part' },
			body: new Blob([before, bytes, after]).stream(),
			duplex: 'half',
		}
		const response = await fetch(`${server.url}/api${DOCUMENTS}`, streamed)
		expect(response.status).toBe(413)
		expect(await response.json()).toEqual(isFailure)
	})

	it('leaves room for one that just fits', async () => {
		const { status, data } = await session.upload('default-workspace', 'fits.txt', 'a line of text.\n'.repeat(MAX_BYTES / 16))
		expect(status).toBe(201)
		await session.rest('DELETE', `${DOCUMENTS}/${data.document.id}`)
		await expect.poll(async () => (await leftFiles()).filter((name) => name !== '1')).toEqual([])
	})
})

describe('an upload that is cut off', () => {
	it('leaves nothing: no document, no file', async () => {
		const before = await leftFiles()
		const { socket } = await dial()
		const upload = uploadOf('half.txt', MAX_BYTES)
		socket.write(upload.head + upload.before + upload.bytes.slice(0, MAX_BYTES / 2))
		await expect.poll(async () => (await leftFiles()).length, { timeout: 10_000 }).toBeGreaterThan(before.length)
		socket.destroy()
		await expect.poll(leftFiles, { timeout: 10_000 }).toEqual(before)
		expect(await documents()).toEqual([])
	})
})
