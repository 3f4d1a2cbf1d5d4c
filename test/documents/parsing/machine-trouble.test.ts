import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { afterEach, describe, expect, it } from 'vitest'
import { prose } from '../../../bench/text.ts'
import { createParser, type Parser } from '../../../src/documents/parsing/parser.ts'
import { AppError } from '../../../src/errors.ts'
import { docx, paragraph, useFolder } from './make-files.ts'

const folder = useFolder()
const never = new AbortController().signal
const ends: (() => unknown)[] = []
afterEach(async () => {
	for (const end of ends.splice(0).reverse()) await end()
})

function start(parent: string): Parser {
	const parser = createParser({ timeoutMs: 100_000, children: 1, parent })
	ends.push(() => parser.stop())
	return parser
}

const outcomeOf = async (parser: Parser, path: string, format: 'text' | 'docx' = 'text') =>
	parser.parse({ path, format }, never).then(
		({ utf8 }) => utf8.length,
		(error: unknown) => error,
	)

/** What may pass: no error with words, after which nothing is tried again. */
function expectMayPass(error: unknown, code: RegExp): void {
	expect(error).toBeInstanceOf(Error)
	expect(error).not.toBeInstanceOf(AppError)
	expect(String(error)).toMatch(code)
}

describe('a parser whose machine fails it', () => {
	it('blames no file where the folder to work in cannot be made, and reads when it can', async () => {
		const parent = folder.path('work')
		writeFileSync(parent, 'no folder')
		const [parser, path] = [start(parent), await folder.file('good.txt', 'All is well.')]
		expectMayPass(await outcomeOf(parser, path), /EEXIST|ENOTDIR/)
		rmSync(parent)
		expect(await outcomeOf(parser, path)).toBe(12)
	})

	it('blames no file that cannot be laid before the child, and reads it when it can', async () => {
		const parent = folder.path('work')
		const [parser, path] = [start(parent), await folder.file('good.txt', 'All is well.')]
		expect(await outcomeOf(parser, path)).toBe(12)
		const inbox = `${parent}/${readdirSync(parent)[0]}/in`
		rmSync(inbox, { recursive: true })
		writeFileSync(inbox, 'no folder')
		expectMayPass(await outcomeOf(parser, path), /EEXIST|ENOTDIR/)
		rmSync(inbox)
		expect(await outcomeOf(parser, path)).toBe(12)
	})

	describe.skipIf(!canMount())('because its disk is full (needs the right to mount)', () => {
		const SIZE = 1_000_000

		async function fullDisk(): Promise<{ parser: Parser; grow: () => void }> {
			const parent = mkdtempSync(folder.path('disk-'))
			run('mount', '-t', 'tmpfs', '-o', `size=${SIZE}`, 'tmpfs', parent)
			ends.push(() => run('umount', '-l', parent))
			return { parser: start(parent), grow: () => void run('mount', '-o', `remount,size=${100 * SIZE}`, parent) }
		}

		it('blames no file that does not fit, and reads it when there is room', async () => {
			const { parser, grow } = await fullDisk()
			const path = await folder.file('long.txt', 'a word '.repeat(SIZE))
			expectMayPass(await outcomeOf(parser, path), /ENOSPC/)
			grow()
			expect(await outcomeOf(parser, path)).toBe(7 * SIZE - 1)
		})

		it('blames no file whose text does not fit, and reads it when there is room', async () => {
			const { parser, grow } = await fullDisk()
			const words = prose(18_000, 1)
				.split('\n\n')
				.map((text) => paragraph(text))
				.join('')
			const path = await folder.file('packed.docx', docx(words))
			expectMayPass(await outcomeOf(parser, path, 'docx'), /ENOSPC/)
			grow()
			expect(await outcomeOf(parser, path, 'docx')).toBeGreaterThan(SIZE)
		})
	})
})

function canMount(): boolean {
	if (process.platform !== 'linux') return false
	return spawnSync('sh', ['-c', 'd=$(mktemp -d) && mount -t tmpfs tmpfs "$d" && umount "$d"; s=$?; rmdir "$d"; exit $s']).status === 0
}

const run = (command: string, ...options: string[]): unknown => execFileSync(command, options)
