import { mkdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { LLMock } from '@copilotkit/aimock'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { SettingsInput } from '../../src/settings/settings.ts'
import { version } from '../../src/version.ts'
import { type RawServer, rawServer } from '../models/support.ts'
import { bootApp, type TestApp } from '../support/app.ts'
import { recordingLog } from '../support/log.ts'
import { listModels, systemInfo } from '../support/operations.ts'
import { makePlace } from '../support/place.ts'
import { graphql, type Reply, type Surface, surfaces } from '../support/surfaces.ts'

const { log, lines } = recordingLog()
let app: TestApp
let lin: string
beforeAll(async () => {
	app = await bootApp({ log })
	lin = await app.tokenOf('lin')
})
afterEach(() => app.services.settings.update({ llmProvider: null }))
afterAll(() => app.end())

const SIZE = /^\d+\.\d(MB|GB)$/

describe.each(surfaces)('the system over $name', (surface) => {
	it('says what it is made of, to whoever is signed in', async () => {
		const { data } = await surface.ask(app, systemInfo, {}, lin)
		const kind = app.place.environment['DATABASE_URL'] ? 'milvus' : 'embedded'
		expect(data).toEqual({
			version,
			llmProvider: 'extractive',
			llmModel: 'extractive',
			vectorDB: surface.name === 'REST' ? kind : kind.toUpperCase(),
			embeddingProvider: 'local',
			embeddingModel: expect.stringContaining('MiniLM'),
			storage: { used: expect.stringMatching(SIZE), available: expect.stringMatching(SIZE) },
		})
		expect((await surface.ask(app, systemInfo, {}, null)).code).toBe('UNAUTHENTICATED')
		expect((await surface.ask(app, listModels, {}, null)).code).toBe('UNAUTHENTICATED')
	})
})

it('measures what the data directory takes', async () => {
	const place = await makePlace()
	await mkdir(path.join(place.directory, 'files', 'deep'), { recursive: true })
	await writeFile(path.join(place.directory, 'files', 'deep', 'large'), Buffer.alloc(64e6))
	const measured = await bootApp({ place })
	try {
		const { used } = (await measured.services.system.info()).storage
		expect(Number.parseFloat(used)).toBeGreaterThanOrEqual(64)
		expect(used).toMatch(/MB$/)
	} finally {
		await measured.end()
	}
})

const modelsIn = (surface: Surface, { data }: Reply) =>
	surface.name === 'REST' ? data.models : data.edges.map(({ node }: { node: object }) => node)
const source = (surface: Surface, name: string) => (surface.name === 'REST' ? name : name.toUpperCase())

describe.each(surfaces)('models over $name', (surface) => {
	const list = async (llm: SettingsInput) => {
		await app.services.settings.update(llm)
		return modelsIn(surface, await surface.ask(app, listModels, {}, lin))
	}
	const extractive = { id: 'extractive', name: 'Extractive', provider: 'extractive', maxTokens: 8_192, source: source(surface, 'table') }

	it('are one where no provider is set', async () => {
		expect(modelsIn(surface, await surface.ask(app, listModels, {}, lin))).toEqual([extractive])
	})

	it('are those that an OpenAI-compatible provider lists, by id, and the one that is set', async () => {
		const mock = await LLMock.create({ port: 0, host: '127.0.0.1', logLevel: 'silent' })
		try {
			const models = await list({ llmProvider: 'openai', llmBaseUrl: `${mock.url}/v1`, llmApiKey: 'k', llmModel: 'mine' })
			const live = source(surface, 'provider')
			expect(models).toEqual([
				extractive,
				{ id: 'claude-3-5-sonnet-20241022', name: 'claude-3-5-sonnet-20241022', provider: 'openai', maxTokens: 8_192, source: live },
				{ id: 'gemini-2.0-flash', name: 'gemini-2.0-flash', provider: 'openai', maxTokens: 8_192, source: live },
				{ id: 'gpt-4', name: 'GPT-4', provider: 'openai', maxTokens: 8_192, source: live },
				{ id: 'gpt-4o', name: 'GPT-4o', provider: 'openai', maxTokens: 128_000, source: live },
				{ id: 'mine', name: 'mine', provider: 'openai', maxTokens: 8_192, source: source(surface, 'settings') },
			])
		} finally {
			await mock.stop()
		}
	})

	it('carry what a provider says of them, however it is called', async () => {
		const data = [
			{ id: 'b', name: 'Bee', context_length: 1_000 },
			{ id: 'a', max_model_len: 2_000 },
			{ id: 'c', context_window: 3_000 },
			{ id: 'd', max_context_length: 4_000, name: 7 },
			{ id: 'nomic-embed-text' },
			{ id: 'gpt-4o-2024-11-20', context_length: 'many' },
		]
		const server = await answering({ object: 'list', data })
		try {
			const models = await list({ llmProvider: 'openai', llmBaseUrl: `${server.url}/v1`, llmModel: 'a' })
			expect(models.map(({ id, name, maxTokens }: Record<string, unknown>) => [id, name, maxTokens])).toEqual([
				['extractive', 'Extractive', 8_192],
				['a', 'a', 2_000],
				['b', 'Bee', 1_000],
				['c', 'c', 3_000],
				['d', 'd', 4_000],
				['gpt-4o-2024-11-20', 'gpt-4o-2024-11-20', 128_000],
			])
		} finally {
			await server.stop()
		}
	})

	it('are those of Anthropic, with their names and windows', async () => {
		const data = [
			{ type: 'model', id: 'claude-x', display_name: 'Claude X', created_at: '2026-01-01T00:00:00Z', max_input_tokens: 123_456 },
			{ type: 'model', id: 'claude-haiku-4-5', display_name: 'Claude Haiku 4.5', created_at: '2026-01-01T00:00:00Z' },
		]
		const server = await answering({ data, has_more: false, first_id: null, last_id: null })
		try {
			const models = await list({ llmProvider: 'anthropic', llmBaseUrl: server.url, llmApiKey: 'k' })
			expect(models.slice(0, 2)).toEqual([
				expect.objectContaining({ id: 'claude-haiku-4-5', name: 'Claude Haiku 4.5', maxTokens: 200_000 }),
				expect.objectContaining({ id: 'claude-x', name: 'Claude X', maxTokens: 123_456, provider: 'anthropic' }),
			])
		} finally {
			await server.stop()
		}
	})

	it.each([
		['is not there', null],
		['refuses', 401],
		['answers nonsense', 200],
	])('are those of the settings when a provider %s, and the log says why, without the key', async (_what, status) => {
		const server = status === null ? null : await answering('sk-no-list-at-all-0123456789', status)
		lines.length = 0
		try {
			const llm = { llmProvider: 'openai', llmApiKey: 'sk-no-list-at-all-0123456789', llmModel: 'mine' }
			const models = await list({ ...llm, llmBaseUrl: server ? `${server.url}/v1` : 'http://127.0.0.1:9/v1' })
			expect(models).toEqual([extractive, expect.objectContaining({ id: 'mine', source: source(surface, 'settings') })])
			expect(JSON.stringify(lines)).toContain('no list of models')
			expect(JSON.stringify(lines)).not.toContain('sk-no-list-at-all')
		} finally {
			await server?.stop()
		}
	})
})

describe('models', () => {
	it('are asked for once, however many ask, and from the table when a provider is silent', async () => {
		let asked = 0
		const silent = await rawServer((_response) => void asked++)
		try {
			await app.services.settings.update({ llmProvider: 'openai', llmBaseUrl: `${silent.url}/v1`, llmModel: 'mine' })
			const replies = await Promise.all(surfaces.map(async (surface) => modelsIn(surface, await surface.ask(app, listModels, {}, lin))))
			for (const models of replies) expect(models.map(({ id }: { id: string }) => id)).toEqual(['extractive', 'mine'])
			expect(asked).toBe(1)
		} finally {
			await silent.stop()
		}
	})

	it('come in pages', async () => {
		const data = ['e', 'a', 'd', 'b', 'c'].map((id) => ({ id }))
		const server = await answering({ object: 'list', data })
		await app.services.settings.update({ llmProvider: 'openai', llmBaseUrl: `${server.url}/v1`, llmModel: 'a' })
		const page = async (args: string) =>
			(
				await graphql(
					app,
					`{ models(${args}) { totalCount edges { cursor node { id } } pageInfo { hasNextPage } } }`,
					{},
					await app.tokenOf('lin'),
				)
			).data
		try {
			const first = await page('first: 2')
			expect(first).toMatchObject({ totalCount: 6, pageInfo: { hasNextPage: true } })
			const idsOf = ({ edges }: { edges: { node: { id: string } }[] }) => edges.map(({ node }) => node.id)
			expect(idsOf(first)).toEqual(['extractive', 'a'])
			expect(idsOf(await page(`first: 3, after: "${first.edges[1].cursor}"`))).toEqual(['b', 'c', 'd'])
			expect(idsOf(await page(`before: "${first.edges[1].cursor}"`))).toEqual(['extractive'])
			expect(idsOf(await page('last: 2'))).toEqual(['d', 'e'])
			expect((await graphql(app, '{ models(first: 1001) { totalCount } }', {}, lin)).code).toBe('UNPROCESSABLE')
			expect((await graphql(app, '{ models(after: "nonsense") { totalCount } }', {}, lin)).code).toBe('BAD_REQUEST')
		} finally {
			await server.stop()
		}
	})
})

const answering = (body: unknown, status = 200): Promise<RawServer> =>
	rawServer((response) => {
		response.writeHead(status, { 'content-type': 'application/json' })
		response.end(JSON.stringify(body))
	})
