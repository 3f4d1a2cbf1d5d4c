import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { Readable } from 'node:stream'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { receive } from '../../src/documents/receive.ts'
import { Upload } from '../../src/uploads.ts'

let folder: string
beforeAll(async () => {
	folder = await mkdtemp(path.join(tmpdir(), 'receive-'))
})
afterAll(() => rm(folder, { recursive: true }))

const tooLarge = () =>
	new Upload({
		filename: 'a.txt',
		mimeType: 'text/plain',
		requestBytes: null,
		open: () => Readable.from([Buffer.alloc(64)]),
		behind: async () => ({ texts: new Map(), next: undefined }),
	})

it('leaves no file behind, however soon an upload is refused', async () => {
	const refused = Array.from({ length: 200 }, (_, n) => receive(tooLarge(), path.join(folder, String(n)), 10))
	for (const outcome of await Promise.allSettled(refused)) expect(outcome.status).toBe('rejected')
	expect(await readdir(folder)).toEqual([])
})
