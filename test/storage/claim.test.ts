import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect, it } from 'vitest'
import { openStorage, TakenError } from '../../src/storage/storage.ts'

it('keeps a folder for the installation that came first, however many of its processes come', async () => {
	const directory = await mkdtemp(path.join(tmpdir(), 'claim-'))
	try {
		const processes = await Promise.all(Array.from({ length: 5 }, () => openStorage(directory)))
		await Promise.all(processes.map((storage) => storage.claim('mine')))
		const another = await openStorage(directory)
		await expect(another.claim('another')).rejects.toThrow(TakenError)
		await another.claim('mine')
	} finally {
		await rm(directory, { recursive: true })
	}
})
