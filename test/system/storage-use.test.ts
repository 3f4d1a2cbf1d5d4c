import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { createStorageMeter, sizeInWords } from '../../src/system/storage-use.ts'

async function emptyDirectory(): Promise<string> {
	const directory = await mkdtemp(path.join(tmpdir(), 'storage-'))
	onTestFinished(() => rm(directory, { recursive: true }))
	return directory
}

function meterOf(directory: string) {
	const meter = createStorageMeter(directory)
	onTestFinished(() => meter.stop())
	return meter
}

it.each([
	[0, '0.0MB'],
	[49_999, '0.0MB'],
	[50_000, '0.1MB'],
	[850_310_000, '850.3MB'],
	[999_949_999, '999.9MB'],
	[999_950_000, '1.0GB'],
	[1_000_000_000, '1.0GB'],
	[1_249_999_999, '1.2GB'],
	[8_800_000_000_000, '8800.0GB'],
])('says %i bytes as %s', (bytes, words) => {
	expect(sizeInWords(bytes)).toBe(words)
})

it('adds up the files of all folders, and follows no link', async () => {
	const directory = await emptyDirectory()
	const elsewhere = await emptyDirectory()
	await writeFile(path.join(elsewhere, 'large'), Buffer.alloc(1_000_000))
	await symlink(elsewhere, path.join(directory, 'link'))
	await mkdir(path.join(directory, 'a', 'b'), { recursive: true })
	for (let n = 0; n < 50; n++) await writeFile(path.join(directory, n % 2 ? 'a' : 'a/b', `${n}`), Buffer.alloc(1_000))
	const { used, available } = await meterOf(directory).read()
	expect(used).toBeGreaterThanOrEqual(50_000)
	expect(used).toBeLessThan(51_000)
	expect(available).toBeGreaterThan(0)
})

it('measures once for all who ask at once, and gives the figure again', async () => {
	const directory = await emptyDirectory()
	const meter = meterOf(directory)
	const figures = await Promise.all([meter.read(), meter.read()])
	expect(figures[0]).toBe(figures[1])
	await writeFile(path.join(directory, 'new'), Buffer.alloc(1_000))
	expect(await meter.read()).toBe(figures[0])
})

it('says that it cannot, where there is nothing to measure', async () => {
	await expect(meterOf('/no/such/directory').read()).rejects.toThrow()
})
