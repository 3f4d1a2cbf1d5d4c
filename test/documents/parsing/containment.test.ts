import { execFile, spawnSync } from 'node:child_process'
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, realpathSync, utimesSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, describe, expect, it } from 'vitest'
import { commandOf, ParsingChild } from '../../../src/documents/parsing/child-process.ts'
import { createParser, type Parser } from '../../../src/documents/parsing/parser.ts'
import { lay, makeWorkFolder, removeWorkFolder } from '../../../src/documents/parsing/work-folder.ts'
import { useFolder } from './make-files.ts'

const folder = useFolder()
const never = new AbortController().signal
const ends: (() => unknown)[] = []

afterEach(async () => {
	for (const end of ends.splice(0)) await end()
})

async function startChild() {
	const place = await makeWorkFolder(tmpdir())
	const path = await lay(place, await folder.file('good.txt', 'All is well.'), 'file')
	const child = new ParsingChild({ ...place, maxMemoryBytes: 1024 ** 3 })
	ends.push(
		() => child.end(null),
		() => removeWorkFolder(place),
	)
	return { child, place, job: { path, format: 'text' as const, maxCharacters: 100, output: join(place.outbox, 'text') } }
}

function startParser(): Parser {
	const parser = createParser({ timeoutMs: 100_000, children: 1, parent: folder.path('.') })
	ends.push(() => parser.stop())
	return parser
}

describe('a child', () => {
	it('reads what is laid before it, and nothing else', async () => {
		const { child, job } = await startChild()
		expect(await child.read(job)).toMatchObject({ pages: [], headings: [] })
		const secret = await folder.file('secret.txt', 'All is secret.')
		expect(await child.read({ ...job, path: secret })).toMatchObject({
			problem: 'internal',
			cause: expect.stringContaining('has been restricted'),
		})
	})

	it('writes into its folder, not into the file that it reads, nor anywhere else', async () => {
		const { child, job } = await startChild()
		for (const output of [job.path, folder.path('elsewhere')]) {
			expect(await child.read({ ...job, output })).toMatchObject({
				problem: 'internal',
				cause: expect.stringContaining('has been restricted'),
			})
		}
		expect(readFileSync(job.path, 'utf8')).toBe('All is well.')
		expect(existsSync(folder.path('elsewhere'))).toBe(false)
	})

	it.each(['none/text', 'file/text'])('says that the machine is to blame where its text cannot be written (%s)', async (output) => {
		const { child, place, job } = await startChild()
		writeFileSync(join(place.outbox, 'file'), '')
		expect(await child.read({ ...job, output: join(place.outbox, output) })).toMatchObject({
			problem: null,
			cause: expect.stringMatching(/ENOENT|ENOTDIR/),
		})
		expect(await child.read(job)).toMatchObject({ pages: [] })
	})

	it('has no network, no processes and nothing outside of its folder, and cannot change what objects have in common', async () => {
		const server = createServer((_request, response) => response.end()).listen(0, '127.0.0.1')
		ends.push(() => server.close())
		await new Promise((resolve) => server.once('listening', resolve))
		const { place, job } = await startChild()
		const script = join(place.inbox, 'attempts.mjs')
		copyFileSync(new URL('attempts.mjs', import.meta.url), script)
		const { port } = server.address() as AddressInfo
		const program = new URL('../../../src/documents/parsing/child.ts', import.meta.url).href
		const given = { program, port, file: job.path, outside: folder.path('elsewhere') }
		writeFileSync(join(place.inbox, 'given.json'), JSON.stringify(given))
		const [command = '', ...rest] = commandOf({ ...place, maxMemoryBytes: 1024 ** 3 }, script)
		const { stdout } = await promisify(execFile)(command, rest, { env: {} })
		const isLimited = process.platform === 'linux'
		expect(stdout.trim().split('\n')).toEqual([
			...['connect', 'socket', 'listen', 'datagram', 'name', 'fetch', 'common object'].map((what) => `${what} refused`),
			...['process', 'process at once', 'native code'].map((what) => `${what} refused`),
			...['read outside', 'write outside', 'change of the file'].map((what) => `${what} refused`),
			...(isLimited ? ['3 GB refused'] : [expect.any(String)]),
		])
		expect(readFileSync(job.path, 'utf8')).toBe('All is well.')
	})

	it('carries nothing from one document to the next', async () => {
		const parser = startParser()
		const hostile = '{"__proto__": {"a": 1}, "constructor": {"prototype": {"b": 2}}, "name": "otters"}'
		expect((await parser.parse({ path: await folder.file('a.json', hostile), format: 'json' }, never)).utf8.toString()).toContain('otters')
		expect((await parser.parse({ path: await folder.file('b.json', '{"c": 1}'), format: 'json' }, never)).utf8.toString()).toBe('c: 1')
	})

	it.runIf(process.platform === 'linux')('is limited in what it can write to in memory', async () => {
		await startParser().parse({ path: await folder.file('good.txt', 'well'), format: 'text' }, never)
		const [pid] = readFileSync(`/proc/self/task/${process.pid}/children`, 'utf8').split(' ')
		expect(readFileSync(`/proc/${pid}/limits`, 'utf8')).toMatch(/Max data size +2684354560 /)
	})
})

describe('the folder of a parser', () => {
	it('is empty between files, whatever becomes of them, and gone in the end', async () => {
		const parser = startParser()
		await parser.parse({ path: await folder.file('good.txt', 'well'), format: 'text' }, never)
		await expect(parser.parse({ path: await folder.file('bad.pdf', '%PDF-1.7'), format: 'pdf' }, never)).rejects.toThrow()
		const work = readdirSync(folder.path('.')).filter((name) => name.startsWith('anythingllm-api-parsing-'))
		expect(work).toHaveLength(1)
		expect(work.flatMap((name) => [...readdirSync(folder.path(`${name}/in`)), ...readdirSync(folder.path(`${name}/out`))])).toEqual([])
		await parser.stop()
		expect(existsSync(folder.path(work[0] ?? ''))).toBe(false)
	})

	it('takes away what servers that were killed have left, and nothing of those that run', async () => {
		const { pid: dead } = spawnSync(process.execPath, ['-e', ''])
		const name = (pid: number, host = hostname()) => `anythingllm-api-parsing-${host.replace(/[^\w.]/g, '_')}-${pid}-abcdef`
		const [left, foreign, running] = [name(dead), name(dead, 'another-machine'), name(process.ppid)]
		const abandoned = name(dead, 'a-machine-of-old')
		for (const each of [left, foreign, running, abandoned]) mkdirSync(folder.path(`${each}/in`), { recursive: true })
		const longAgo = new Date(Date.now() - 25 * 60 * 60 * 1_000)
		utimesSync(folder.path(`${abandoned}/in`), longAgo, longAgo)
		const first = await makeWorkFolder(folder.path('.'))
		const second = await makeWorkFolder(folder.path('.'))
		await lay(first, await folder.file('good.txt', 'well'), 'file')
		expect([left, foreign, running, abandoned].map((each) => existsSync(folder.path(each)))).toEqual([false, true, true, false])
		expect(first.inbox.startsWith(realpathSync(folder.path('.')))).toBe(true)
		await removeWorkFolder(second)
		expect(existsSync(join(first.inbox, 'file'))).toBe(true)
		await removeWorkFolder(first)
	})
})
