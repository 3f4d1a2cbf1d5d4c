import { randomBytes } from 'node:crypto'
import { access, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Storage, TakenError } from '../../src/storage/storage.ts'

/** Opens a body of the storage: twice with one `place` gives the same files. */
export type Open = (directory: string, place: string) => Promise<Storage>

const NEVER = new AbortController().signal
/** Long after whatever a test keeps. */
const LATER = Date.now() + 24 * 3_600_000

/** The rules of a {@link Storage}, for any body of it. */
export function describeStorage(name: string, open: Open) {
	describe(`the storage ${name}`, () => {
		let directory: string
		let storage: Storage
		const opened: Storage[] = []

		beforeAll(async () => {
			directory = await mkdtemp(path.join(tmpdir(), 'storage-'))
			storage = await openOne('one')
			await storage.claim('suite')
		})
		afterAll(async () => {
			for (const one of opened) await one.close()
			await rm(directory, { recursive: true })
		})

		async function openOne(place: string): Promise<Storage> {
			const one = await open(path.join(directory, place), place)
			opened.push(one)
			return one
		}

		async function keep(bytes: Buffer | string, folder = '7', to = storage): Promise<string> {
			const file = to.temporaryPath()
			await writeFile(file, bytes)
			return to.keep(file, folder)
		}
		const read = async (key: string, part?: { start: number; end: number }) =>
			Buffer.concat(await (await storage.open(key, part)).toArray()).toString()
		const keys = async (batchSize = 100) => {
			const found: string[][] = []
			for await (const batch of storage.keysBefore(LATER, batchSize)) found.push(batch)
			return found
		}

		it('keeps a file, and takes it away from where it was made', async () => {
			const file = storage.temporaryPath()
			await writeFile(file, 'kept')
			const key = await storage.keep(file, '7')
			expect(key).toMatch(/^7\/[\da-f-]{36}$/)
			await expect(access(file)).rejects.toThrow('ENOENT')
			expect(await read(key)).toBe('kept')
			await storage.removeTemporary(file)
		})

		it('keeps a file of many megabytes', async () => {
			const large = randomBytes(12_345_678)
			const bytes = await (await storage.open(await keep(large))).toArray()
			expect(Buffer.concat(bytes).equals(large)).toBe(true)
		})

		it('gives a part of a file', async () => {
			const key = await keep('0123456789')
			expect(await read(key, { start: 2, end: 4 })).toBe('234')
			expect(await read(key, { start: 9, end: 9 })).toBe('9')
			expect(await read(key, { start: 0, end: 9 })).toBe('0123456789')
		})

		it('lets somebody read a file as one of this machine, and leaves nothing behind', async () => {
			const key = await keep('as a file')
			let seen = ''
			const size = await storage.asFile(key, NEVER, async (place) => {
				seen = place
				expect(await readFile(place, 'utf8')).toBe('as a file')
				return (await stat(place)).size
			})
			expect(size).toBe(9)
			await expect(storage.asFile(key, NEVER, () => Promise.reject(new Error('no good')))).rejects.toThrow('no good')
			if (storage.remote) await expect(access(seen)).rejects.toThrow('ENOENT')
			expect(await read(key)).toBe('as a file')
		})

		it('says that a file is not there before there is a stream', async () => {
			await expect(storage.open('7/none')).rejects.toMatchObject({ problem: 'fileMissing', code: 'NOT_FOUND' })
		})

		it('stops reading when the reader leaves', async () => {
			const key = await keep(randomBytes(4_000_000))
			const stream = await storage.open(key)
			for await (const piece of stream) {
				expect(piece.length).toBeGreaterThan(0)
				break
			}
			expect(stream.destroyed).toBe(true)
		})

		it('removes a file, and what is not there without an error', async () => {
			const key = await keep('gone')
			await storage.remove(key)
			await storage.remove(key)
			await expect(read(key)).rejects.toMatchObject({ problem: 'fileMissing' })
		})

		it('removes a folder, and none whose name begins alike', async () => {
			const [mine, other] = [await keep('mine', '1'), await keep('other', '10')]
			await storage.removeFolder('1')
			await storage.removeFolder('1')
			await expect(read(mine)).rejects.toMatchObject({ problem: 'fileMissing' })
			expect(await read(other)).toBe('other')
		})

		it('lists what was kept before a time, in batches', async () => {
			const kept = await Promise.all(['a', 'b', 'c', 'd', 'e'].map((text) => keep(text, '55')))
			expect((await keys()).flat()).toEqual(expect.arrayContaining(kept))
			const batches = await keys(2)
			expect(batches.every(({ length }) => length > 0 && length <= 2)).toBe(true)
			expect(batches.flat().toSorted()).toEqual((await keys()).flat().toSorted())
			for await (const batch of storage.keysBefore(0, 100)) expect(batch).toEqual([])
		})

		it('removes temporary files that were left', async () => {
			const file = storage.temporaryPath()
			await writeFile(file, 'left')
			await storage.removeTemporariesBefore(0)
			await access(file)
			await storage.removeTemporariesBefore(LATER)
			await expect(access(file)).rejects.toThrow('ENOENT')
		})

		it('belongs to the installation that came first, however many of its processes come', async () => {
			const processes = await Promise.all(Array.from({ length: 5 }, () => openOne('claimed')))
			await Promise.all(processes.map((one) => one.claim('mine')))
			await expect((await openOne('claimed')).claim('another')).rejects.toThrow(TakenError)
			await (await openOne('claimed')).claim('mine')
		})
	})
}
