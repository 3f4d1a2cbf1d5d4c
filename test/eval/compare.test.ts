import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { compare } from '../../eval/compare.ts'
import { runPage } from '../../eval/page.ts'
import { keepRun, readRun } from '../../eval/runs.ts'
import { outcome, run } from './runs.ts'

let folder: string
beforeAll(async () => {
	folder = await mkdtemp(path.join(tmpdir(), 'eval-runs-'))
})
afterAll(() => rm(folder, { recursive: true }))

describe('two runs', () => {
	const before = run([
		outcome({ id: 'found later', ranks: [3] }),
		outcome({ id: 'lost', ranks: [1] }),
		outcome({ id: 'same', language: 'zh' }),
		outcome({ id: 'answered', isAnswered: false }),
		outcome({ id: 'refused', isAnswerable: false, ranks: [], relevant: 0, isRefused: true }),
		outcome({ id: 'asked otherwise' }),
	])
	const after = run(
		[
			outcome({ id: 'found later', ranks: [1] }),
			outcome({ id: 'lost', ranks: [] }),
			outcome({ id: 'same', language: 'zh' }),
			outcome({ id: 'answered', isAnswered: true }),
			outcome({ id: 'refused', isAnswerable: false, ranks: [], relevant: 0, isRefused: false }),
			outcome({ id: 'asked otherwise', question: 'Another?' }),
			outcome({ id: 'new' }),
		],
		{ configuration: { embedder: 'other' } },
	)
	const comparison = compare(before, after)
	const [set] = comparison.sets

	it('are compared question by question, with those in both', () => {
		expect(set?.pairs.map(({ before: { id }, verdict }) => [id, verdict])).toEqual([
			['found later', 1],
			['lost', -1],
			['same', 0],
			['answered', 1],
			['refused', -1],
		])
		expect(set?.others).toBe(3)
	})

	it('differ in their measures, by language too', () => {
		expect(set?.differences).toContainEqual({ measure: 'R@1', before: 75, after: 75 })
		expect(set?.differences).toContainEqual({ measure: 'R@5', before: 100, after: 75 })
		expect(set?.differences).toContainEqual({ measure: 'refused', before: 100, after: 0 })
		expect(set?.languages.map(({ language }) => language)).toEqual(['en', 'zh'])
	})

	it('differ in how they were set up, and in their sets', () => {
		expect(comparison.configuration).toEqual([{ name: 'embedder', before: 'local', after: 'other' }])
		const other = compare(before, run([], { sets: [{ name: 'another', documents: 1, outcomes: [], removed: [] }] }))
		expect(other).toMatchObject({ sets: [], missing: ['mine', 'another'] })
	})
})

describe('a run that is kept', () => {
	it('is read again as it was', async () => {
		const kept = run([outcome(), outcome({ id: 'two', ranks: [] })], { label: '../up & away 中文' })
		const base = await keepRun(folder, kept, runPage(kept))
		expect(path.basename(base)).toBe('2026-11-24T00-00-00Z-up-away-中文')
		expect(await readRun(`${base}.json`)).toEqual(kept)
	})

	it('is refused where it is none', async () => {
		const file = path.join(folder, 'other.json')
		await writeFile(file, '{"results":[]}')
		await expect(readRun(file)).rejects.toThrow('no run of npm run eval')
		await writeFile(file, '{')
		await expect(readRun(file)).rejects.toThrow('no JSON')
		await expect(readRun(path.join(folder, 'nowhere.json'))).rejects.toThrow('there is no such file')
	})
})
