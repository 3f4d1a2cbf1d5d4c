import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { afterEach, describe, expect, it } from 'vitest'
import { decoded } from '../../../src/documents/encoded-text.ts'
import { createParser, type Parser, type ParserOptions } from '../../../src/documents/parsing/parser.ts'
import type { Format } from '../../../src/documents/parsing/types.ts'
import { docx, paragraph, pdfPages, selfDrawingPdf, show, useFolder } from './make-files.ts'

const folder = useFolder()
const never = new AbortController().signal
const parsers: Parser[] = []

function start(options: Partial<ParserOptions> = {}): Parser {
	const parser = createParser({ timeoutMs: 100_000, children: 1, ...options })
	parsers.push(parser)
	return parser
}

afterEach(async () => {
	for (const parser of parsers.splice(0)) await parser.stop()
})

const good = () => folder.file('good.txt', 'All is well. 一切正常。')

/** The children of a process, on Linux. */
const childrenOf = (pid: number): number[] =>
	readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean).map(Number)

describe('a parser', () => {
	it('reads files in a child that it keeps, text in any script coming back unchanged', async () => {
		const parser = start()
		for (const text of ['plain', 'café', '中文 😀']) {
			const parsed = await parser.parse({ path: await folder.file('a.md', `# T\n\n${text}`), format: 'markdown' }, never)
			expect(decoded(parsed)).toEqual({ text: `# T\n\n${text}`, pages: [], headings: [{ level: 1, start: 0, title: 'T' }] })
		}
		if (process.platform === 'linux') expect(childrenOf(process.pid)).toHaveLength(1)
	})

	it('passes problems on with their words', async () => {
		const path = await folder.file('big.txt', 'a'.repeat(200))
		await expect(start({ maxCharacters: 100 }).parse({ path, format: 'text' }, never)).rejects.toMatchObject({
			name: 'AppError',
			problem: 'parseTooMuchText',
			params: [{ maxCharacters: 100 }],
		})
	})

	it('says that the file is missing where it is gone', async () => {
		await expect(start().parse({ path: folder.path('none'), format: 'pdf' }, never)).rejects.toMatchObject({ problem: 'fileMissing' })
	})

	it('gives its child none of the environment', async () => {
		process.env['PARSER_TEST_SECRET'] = 'secret-in-the-environment'
		const parser = start()
		await parser.parse({ path: await good(), format: 'text' }, never)
		if (process.platform !== 'linux') return
		const [child = 0] = childrenOf(process.pid)
		expect(readFileSync(`/proc/${child}/environ`, 'utf8')).not.toContain('secret-in-the-environment')
	})

	it('reads as many at a time as it has children, the others in turn', async () => {
		const parser = start({ children: 2 })
		const path = await good()
		const results = await Promise.all(Array.from({ length: 8 }, () => parser.parse({ path, format: 'text' }, never)))
		expect(results.map(({ utf8 }) => utf8.toString())).toEqual(Array(8).fill('All is well. 一切正常。'))
		if (process.platform === 'linux') expect(childrenOf(process.pid)).toHaveLength(2)
	})

	it('lets go of a file at a signal, waiting or running, and reads the next', async () => {
		const parser = start({ maxMemoryBytes: 4 * 1024 ** 3 })
		const running = new AbortController()
		const waiting = new AbortController()
		const path = await folder.file('busy.pdf', selfDrawingPdf())
		const first = parser.parse({ path, format: 'pdf' }, running.signal)
		const second = parser.parse({ path, format: 'pdf' }, waiting.signal)
		waiting.abort(new Error('not wanted'))
		await expect(second).rejects.toThrow('not wanted')
		running.abort(new Error('nor this'))
		await expect(first).rejects.toThrow('nor this')
		expect((await parser.parse({ path: await good(), format: 'text' }, never)).utf8.toString()).toContain('well')
	})

	it('ends its children when it is stopped', async () => {
		const parser = start({ maxMemoryBytes: 4 * 1024 ** 3 })
		const reading = parser.parse({ path: await folder.file('busy.pdf', selfDrawingPdf()), format: 'pdf' }, never)
		const ended = expect(reading).rejects.toMatchObject({ problem: 'interrupted' })
		await good()
		await parser.stop()
		await ended
		await expect(parser.parse({ path: await good(), format: 'text' }, never)).rejects.toMatchObject({ problem: 'interrupted' })
		if (process.platform === 'linux') expect(childrenOf(process.pid)).toEqual([])
	})
})

describe('hostile files', () => {
	const text = (content: string) => pdfPages([`BT /F1 9 Tf ${content} ET`])
	const cases: [what: string, format: Format, content: () => string | Uint8Array, problem: string][] = [
		['a PDF that draws itself', 'pdf', selfDrawingPdf, 'parseMemory'],
		['a PDF of 34 MB of text operators', 'pdf', () => text('(AAAAAAAAAAAAAAAAAAAA) Tj 0 -1 Td '.repeat(1_000_000)), 'parseMemory'],
		['a PDF of noise', 'pdf', () => Buffer.concat([Buffer.from('%PDF-1.7\n'), randomBytes(1_000_000)]), 'parseBroken'],
		['a Word file that unpacks to 210 MB', 'docx', () => docx(paragraph('A'.repeat(210_000_000))), 'parseBomb'],
		['200,000 nested elements', 'html', () => '<div>'.repeat(200_000), 'parseBroken'],
		['an HTML of 1.5 million elements', 'html', () => '<b>x</b>'.repeat(1_500_000), 'parseMemory'],
	]

	it.each(cases)('%s (%s) end with a problem, and the next file is read', { timeout: 120_000 }, async (_what, format, content, problem) => {
		const parser = start({ maxMemoryBytes: 250 * 1024 ** 2 })
		await expect(parser.parse({ path: await folder.file('evil', content()), format }, never)).rejects.toMatchObject({ problem })
		expect((await parser.parse({ path: await good(), format: 'text' }, never)).utf8.toString()).toContain('well')
	})

	it('end at the deadline', async () => {
		const parser = start({ timeoutMs: 500, maxMemoryBytes: 4 * 1024 ** 3 })
		const path = await folder.file('busy.pdf', selfDrawingPdf())
		await expect(parser.parse({ path, format: 'pdf' }, never)).rejects.toMatchObject({
			problem: 'parseTimeout',
			params: [{ seconds: 0.5 }],
		})
	})

	it.runIf(process.platform === 'linux')(
		'end within a second when the server is killed, however busy the child',
		{ timeout: 120_000 },
		async () => {
			const path = await folder.file('busy.pdf', selfDrawingPdf())
			const script = fileURLToPath(new URL('parse-one.ts', import.meta.url))
			const server = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', script, path], {
				stdio: ['ignore', 'pipe', 'inherit'],
			})
			await once(server.stdout, 'data')
			const [child = 0] = childrenOf(server.pid ?? 0)
			await until(() => residentBytes(child) > BUSY_BYTES)
			const end = endOf(child)
			const killedAt = performance.timeOrigin + performance.now()
			server.kill('SIGKILL')
			await once(server, 'exit')
			expect((await end) - killedAt).toBeLessThan(1_000)
		},
	)
})

it('a PDF of several pages keeps them on the way', async () => {
	const path = await folder.file('two.pdf', pdfPages([show([72, 700, 11, 'first page']), show([72, 700, 11, 'second page'])]))
	const { text, pages } = decoded(await start().parse({ path, format: 'pdf' }, never))
	expect(pages.map(({ page, start: from, end }) => [page, text.slice(from, end).trim()])).toEqual([
		[1, 'first page'],
		[2, 'second page'],
	])
})

/** More than a child has before it reads a file. */
const BUSY_BYTES = 250 * 1024 ** 2

const residentBytes = (pid: number): number => Number(readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ')[1]) * 4096

async function until(isTrue: () => boolean, timeoutMs = 60_000): Promise<void> {
	const signal = AbortSignal.timeout(timeoutMs)
	while (!isTrue()) await delay(5, undefined, { signal })
}

/** When a process has ended (a zombie has), in milliseconds since 1970: told by another one, that waits for it and for nothing else, however busy this one is. */
async function endOf(pid: number): Promise<number> {
	const watch = spawn('sh', [
		'-c',
		`while read -r _ _ state _ < /proc/${pid}/stat && [ "$state" != Z ]; do sleep 0.01; done 2>&-; date +%s%3N`,
	])
	watch.stdout.setEncoding('utf8')
	let printed = ''
	for await (const part of watch.stdout) printed += part
	return Number(printed)
}
