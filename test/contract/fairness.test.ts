import { afterEach, describe, expect, it } from 'vitest'
import { isEnded } from '../../src/documents/events.ts'
import type { Embedder } from '../../src/embedding/embedder.ts'
import { selfDrawingPdf } from '../documents/parsing/make-files.ts'
import { bootApp, type TestApp } from '../support/app.ts'
import { textFile } from '../support/documents.ts'
import { createWorkspace, uploadDocument } from '../support/operations.ts'
import { type Surface, surfaces } from '../support/surfaces.ts'

const ADMIN = { id: 1, username: 'admin', role: 'admin', sessionId: '' } as const
const WAITING_MS = 120_000

let app: TestApp
let admin: string
afterEach(() => app.end())

/** A remote embedder that answers when it is let. */
const remote = (answer: (texts: readonly string[]) => Promise<unknown>): Embedder => ({
	id: 'remote',
	dimensions: 2,
	languages: null,
	limits: { maxTokens: 8_192, maxTexts: 32, maxRequestTokens: null },
	weight: 0.5,
	unrelated: 0,
	reads: () => true,
	async embed(texts) {
		await answer(texts)
		return texts.map(() => Float32Array.of(0.6, 0.8))
	},
	stop: async () => undefined,
})

async function boot(embedder: Embedder, environment: Record<string, string>): Promise<void> {
	app = await bootApp({ embedder, environment: { EMBEDDING_PROVIDER: 'local', ...environment } })
	admin = await app.tokenOf('admin')
}

async function upload(surface: Surface, slug: string, file: File): Promise<number> {
	const { data, error } = await surface.ask(app, uploadDocument, { slug, input: { file } }, admin)
	expect(error).toBeNull()
	return Number(data.document.id)
}

/** Hears from now on in which order documents end. */
async function listen(slugs: string[]) {
	const ended: number[] = []
	const left = new AbortController()
	const signal = AbortSignal.any([left.signal, AbortSignal.timeout(WAITING_MS)])
	const heard = Promise.withResolvers<void>()
	let until: (ended: number[]) => boolean = () => false
	for (const slug of slugs) {
		const events = await app.services.documents.events(ADMIN, slug, null, signal)
		void (async () => {
			for await (const event of events) {
				if (event.type === 'state' && isEnded(event.document) && !ended.includes(event.document.id)) ended.push(event.document.id)
				if (until(ended)) heard.resolve()
			}
			heard.reject(new Error(`only ${ended.length} documents ended`))
		})()
	}
	return {
		async until(isEnough: (ended: number[]) => boolean): Promise<number[]> {
			until = isEnough
			if (isEnough(ended)) heard.resolve()
			await heard.promise
			left.abort()
			return ended
		},
	}
}

describe.each(surfaces)('documents of several workspaces, uploaded over $name,', (surface) => {
	const make = (slug: string) => surface.ask(app, createWorkspace, { input: { name: slug, slug } }, admin)

	it('take turns: one comes before most of the 50 of another workspace, one of which hangs', { timeout: WAITING_MS }, async () => {
		const gate = Promise.withResolvers<void>()
		await boot(
			remote(() => gate.promise),
			{ PARSE_TIMEOUT: '8s' },
		)
		await Promise.all(['full', 'other'].map(make))
		const order = await listen(['full', 'other'])
		const hanging = await upload(surface, 'full', new File([new Uint8Array(selfDrawingPdf())], 'hanging.pdf'))
		for (let at = 1; at < 50; at++) await upload(surface, 'full', textFile(`${at}.txt`, `The text number ${at}.`))
		const other = await upload(surface, 'other', textFile('other.txt', 'The text of another one.'))
		gate.resolve()
		const ended = await order.until((ended) => ended.length === 51)
		expect(ended.indexOf(other)).toBeLessThan(10)
		expect(ended.indexOf(hanging)).toBeGreaterThan(ended.indexOf(other))
	})

	it('do not wait for one whose files all hang', { timeout: WAITING_MS }, async () => {
		await boot(
			remote(async () => undefined),
			{ PARSE_TIMEOUT: '15s' },
		)
		await Promise.all(['hanging', 'other'].map(make))
		const order = await listen(['hanging', 'other'])
		const hanging = await Promise.all(
			Array.from({ length: 5 }, (_, at) =>
				upload(surface, 'hanging', new File([new Uint8Array(selfDrawingPdf()), `\n% ${at}`], `${at}.pdf`)),
			),
		)
		const other = await upload(surface, 'other', textFile('other.txt', 'The text of another one.'))
		const [first] = await order.until((ended) => ended.length > 0)
		expect(hanging).not.toContain(first)
		expect(first).toBe(other)
	})
})

describe('documents of several workspaces', () => {
	const [surface] = surfaces as [Surface, ...Surface[]]
	const make = (slug: string) => surface.ask(app, createWorkspace, { input: { name: slug, slug } }, admin)

	it('give way in the middle of a long one, and go on from there', { timeout: WAITING_MS }, async () => {
		const asked = new Map<string, number>()
		await boot(
			remote(async (texts) => {
				for (const text of texts) asked.set(text, (asked.get(text) ?? 0) + 1)
				if (texts.length > 1) await new Promise((resolve) => setTimeout(resolve, 1_500))
			}),
			{},
		)
		const long = ['a', 'b', 'c', 'd']
		await Promise.all([...long, 'other'].map(make))
		const order = await listen([...long, 'other'])
		const text = (name: string) =>
			Array.from({ length: 330 }, (_, at) => `# ${name} ${at}\n\n${`In part ${at} of ${name} it goes on and on. `.repeat(30)}`).join('\n\n')
		const longOnes = await Promise.all(long.map((name) => upload(surface, name, textFile(`${name}.md`, text(name)))))
		await Promise.all(
			longOnes.map(async (id) => {
				for await (const event of await app.services.documents.events(
					ADMIN,
					long[longOnes.indexOf(id)] ?? '',
					id,
					AbortSignal.timeout(WAITING_MS),
				))
					if (event.type === 'state' && event.document.status === 'embedding' && event.document.stageDone > 0) return
			}),
		)
		const other = await upload(surface, 'other', textFile('other.txt', 'The text of another one.'))
		const ended = await order.until((ended) => ended.length === 5)
		expect(ended[0]).toBe(other)
		expect(await app.prisma.document.count({ where: { status: 'processed' } })).toBe(5)
		expect([...asked.values()].every((times) => times === 1)).toBe(true)
	})
})
