import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, truncateSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { Embedder } from '../../src/embedding/embedder.ts'
import { createLocalEmbedder } from '../../src/embedding/local/local.ts'
import { ensureModel } from '../../src/embedding/local/model-file.ts'

const never = new AbortController().signal
let directory: string
const open: Embedder[] = []

function openEmbedder(options: Partial<Parameters<typeof createLocalEmbedder>[0]> = {}) {
	const embedder = createLocalEmbedder({ directory, ...options })
	open.push(embedder)
	return embedder
}

beforeAll(() => {
	directory = mkdtempSync(path.join(tmpdir(), 'models-'))
})
afterEach(async () => {
	await Promise.all(open.splice(0).map((embedder) => embedder.stop()))
})
afterAll(() => {
	rmSync(directory, { recursive: true })
})

describe('the local embedder', () => {
	it('gives the similarities that the model is known for', async () => {
		const embedder = openEmbedder()
		const [query] = await embedder.embed(['A man is eating pasta.'], 'query', never)
		const sentences = [
			'A man is eating food.',
			'A man is eating a piece of bread.',
			'A man is riding a horse.',
			'A cheetah is running behind its prey.',
		]
		const vectors = await embedder.embed(sentences, 'passage', never)
		// https://www.sbert.net/examples/sentence_transformer/applications/semantic-search/README.html
		const known = [0.7035, 0.5272, 0.1889, 0.098]
		for (const [at, vector] of vectors.entries()) expect(Math.abs(dot(vector, query) - (known[at] ?? 0)), sentences[at]).toBeLessThan(0.05)
	})

	it('gives one vector of length 1 for any text, in order, long ones by all of their parts', async () => {
		const embedder = openEmbedder()
		const about = 'Bananas grow in warm countries. '
		const texts = [
			'',
			' ',
			'x'.repeat(100_000),
			`${'Cars need fuel and roads. '.repeat(60)}${about.repeat(60)}`,
			about,
			'🎉',
			'Cars need fuel and roads.',
		]
		const vectors = await embedder.embed(texts, 'passage', never)
		expect(vectors).toHaveLength(texts.length)
		for (const vector of vectors) {
			expect(vector).toHaveLength(384)
			expect(dot(vector, vector)).toBeCloseTo(1, 3)
		}
		expect(dot(vectors[3], vectors[4])).toBeGreaterThan(0.5)
		expect(dot(vectors[3], vectors[6])).toBeGreaterThan(0.5)
		expect(dot(vectors[4], vectors[6])).toBeLessThan(0.4)
		expect(await embedder.embed([], 'passage', never)).toEqual([])
	})

	it('reads the largest chunk to its end', async () => {
		const embedder = openEmbedder()
		const [whole, beginning, end] = await embedder.embed(
			[
				`${'Cars need fuel and roads. '.repeat(250)}${'Bananas grow in warm countries. '.repeat(80)}`,
				'Cars need fuel and roads.',
				'Bananas grow in warm countries.',
			],
			'passage',
			never,
		)
		expect(dot(whole, beginning)).toBeGreaterThan(0.5)
		expect(dot(whole, end)).toBeGreaterThan(0.2)
	})

	it('lets a question go before a document', async () => {
		const embedder = openEmbedder()
		const order: string[] = []
		await embedder.embed(['warm'], 'query', never)
		const passages = embedder
			.embed(
				Array.from({ length: 12 }, (_, at) => `${at} long text `.repeat(80)),
				'passage',
				never,
			)
			.then(() => order.push('passages'))
		const query = embedder.embed(['which comes first?'], 'query', never).then(() => order.push('query'))
		await Promise.all([passages, query])
		expect(order).toEqual(['query', 'passages'])
	})

	it('stops at an abort, and answers the next', async () => {
		const embedder = openEmbedder()
		const cancelled = new AbortController()
		const long = embedder.embed(
			Array.from({ length: 20 }, () => 'long text '.repeat(200)),
			'passage',
			cancelled.signal,
		)
		cancelled.abort(new Error('no longer wanted'))
		await expect(long).rejects.toThrow('no longer wanted')
		await expect(embedder.embed(['x'], 'query', cancelled.signal)).rejects.toThrow('no longer wanted')
		expect(await embedder.embed(['another'], 'passage', never)).toHaveLength(1)
	})

	it('leaves memory when idle, and comes back', async () => {
		const embedder = openEmbedder({ idleMs: 50 })
		await embedder.embed(['first'], 'passage', never)
		const [child = 0] = children()
		await ended(child)
		expect(await embedder.embed(['second'], 'passage', never)).toHaveLength(1)
	})

	it('says that it is not available when its child is killed, and starts another after a pause', async () => {
		const problems: string[] = []
		const embedder = openEmbedder({ report: (problem) => problems.push(problem) })
		await embedder.embed(['first'], 'passage', never)
		const before = children()
		const lost = embedder.embed(['long text '.repeat(200)], 'passage', never)
		for (const child of before) process.kill(child, 'SIGKILL')
		await expect(lost).rejects.toMatchObject({ code: 'UNAVAILABLE' })
		await expect(embedder.embed(['too early'], 'passage', never)).rejects.toMatchObject({ code: 'UNAVAILABLE' })
		await expect.poll(() => embedder.embed(['again'], 'passage', never).catch(() => []), { timeout: 10_000 }).toHaveLength(1)
		expect(problems).toContain('the embedder ended by itself')
	})

	it('ends with its parent, even one that is killed', async () => {
		const local = new URL('../../src/embedding/local/local.ts', import.meta.url)
		const program = `
			const { createLocalEmbedder } = await import(${JSON.stringify(local)})
			await createLocalEmbedder({ directory: ${JSON.stringify(directory)} }).embed(['hello'], 'query', new AbortController().signal)
			console.log('ready')
			process.stdin.resume()`
		const parent = spawn(process.execPath, ['--input-type=module', '--eval', program], { stdio: ['pipe', 'pipe', 'inherit'] })
		await once(parent.stdout, 'data')
		const [child = 0] = children(parent.pid)
		expect(isAlive(child)).toBe(true)
		parent.kill('SIGKILL')
		await ended(child)
	})

	it('refuses after its stop', async () => {
		const embedder = openEmbedder()
		await embedder.embed(['first'], 'passage', never)
		await embedder.stop()
		await expect(embedder.embed(['second'], 'passage', never)).rejects.toMatchObject({ code: 'UNAVAILABLE' })
	})
})

describe('the model file', () => {
	it('is made once, and again when it is damaged', async () => {
		const own = mkdtempSync(path.join(tmpdir(), 'model-'))
		const file = await ensureModel(own)
		const { mtimeMs, size } = statSync(file)
		expect(size).toBeLessThan(24_000_000)
		await ensureModel(own)
		expect(statSync(file).mtimeMs).toBe(mtimeMs)
		truncateSync(file, 1_000)
		await ensureModel(own)
		expect(statSync(file).size).toBe(size)
		expect(readdirSync(own).sort()).toEqual([path.basename(file), `${path.basename(file)}.sha256`])
		rmSync(own, { recursive: true })
	})

	it('is whole when several make it at once', async () => {
		const own = mkdtempSync(path.join(tmpdir(), 'model-'))
		const embedders = [1, 2].map(() => openEmbedder({ directory: own }))
		const [[one], [two]] = (await Promise.all(embedders.map((embedder) => embedder.embed(['same'], 'passage', never)))) as [
			Float32Array[],
			Float32Array[],
		]
		expect(one).toEqual(two)
		rmSync(own, { recursive: true })
	})
})

function dot(a: Float32Array = new Float32Array(0), b: Float32Array = new Float32Array(0)): number {
	return a.reduce((sum, value, at) => sum + value * (b[at] ?? 0), 0)
}

/** Processes that the parent started and that embed. (`ps` is not on every machine.) */
function children(parent = process.pid): number[] {
	const processes = readdirSync('/proc').filter((name) => /^\d+$/.test(name))
	return processes.filter((id) => parentOf(id) === parent && read(`/proc/${id}/cmdline`).includes('embedding/local/child.ts')).map(Number)
}

const parentOf = (id: string): number => Number(/^PPid:\s*(\d+)/m.exec(read(`/proc/${id}/status`))?.[1])

function read(file: string): string {
	try {
		return readFileSync(file, 'utf8')
	} catch {
		return '' // it has ended meanwhile
	}
}

async function ended(pid: number): Promise<void> {
	await expect.poll(() => isAlive(pid), { timeout: 10_000 }).toBe(false)
}

function isAlive(pid: number): boolean {
	try {
		process.kill(pid, 0)
		return true
	} catch {
		return false
	}
}
