import { stat } from 'node:fs/promises'
import path from 'node:path'
import { LLMock } from '@copilotkit/aimock'
import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from 'vitest'
import { type RawServer, rawServer, sse, wire } from '../models/support.ts'
import { bootApp, type TestApp } from '../support/app.ts'
import { takeIn, textFile } from '../support/documents.ts'
import { recordingLog } from '../support/log.ts'
import { getSettings, sendMessage, systemInfo, testSettings, updateSettings } from '../support/operations.ts'
import { makePlace } from '../support/place.ts'
import { surfaces } from '../support/surfaces.ts'

const slug = 'default-workspace'
const KEYS = { first: 'sk-planted-first-000000001111', second: 'sk-planted-second-00000002222', test: 'sk-planted-test-0000000003333' }
const { log, lines } = recordingLog()
/** Everything that any request was answered with. */
const answers: string[] = []

let app: TestApp
/** A provider that answers everything with OK, and remembers with which key it was asked. */
let witness: RawServer & { keys: (string | undefined)[] }
let mock: LLMock
let other: LLMock
let admin: string
let lin: string
beforeAll(async () => {
	const options = { port: 0, host: '127.0.0.1', logLevel: 'silent' } as const
	;[app, mock, other, witness] = await Promise.all([bootApp({ log }), LLMock.create(options), LLMock.create(options), startWitness()])
	;[admin, lin] = await Promise.all([app.tokenOf('admin'), app.tokenOf('lin')])
	await takeIn(app, slug, textFile('tides.txt', 'The tide in the bay of Fundy rises sixteen metres.'), admin)
})
afterEach(async () => {
	for (const provider of [mock, other]) provider.reset()
	witness.keys.length = 0
	await app.services.settings.update({ llmProvider: null, embeddingProvider: null })
})
afterAll(async () => {
	await Promise.all([app.end(), mock.stop(), other.stop(), witness.stop()])
})

async function startWitness() {
	const keys: (string | undefined)[] = []
	const server = await rawServer((response, _body, { headers }) => {
		keys.push(headers.authorization?.replace('Bearer ', ''))
		sse(response, wire.openai.begin, wire.openai.word('OK'), wire.openai.finish('stop'), wire.openai.end)
		response.end()
	})
	return { ...server, keys }
}

const QUESTION = 'How high does the tide in the bay of Fundy rise?'

describe.each(surfaces)('settings over $name', (surface) => {
	const recorded = <Reply extends object>(reply: Reply): Reply => {
		answers.push(JSON.stringify(reply))
		return reply
	}
	const read = async (token: string | null = admin) => recorded(await surface.ask(app, getSettings, {}, token))
	const update = async (input: Record<string, unknown>, token: string | null = admin) =>
		recorded(await surface.ask(app, updateSettings, { input }, token))
	const test = async (input?: Record<string, unknown>, token: string | null = admin, headers = {}) =>
		recorded(await surface.ask(app, testSettings, input ? { input } : {}, token, headers))
	const ask = async () => recorded(await surface.ask(app, sendMessage, { slug, input: { message: QUESTION } }, admin))
	const openai = (provider: { url: string }, llmApiKey: string) => ({ llmProvider: 'openai', llmBaseUrl: `${provider.url}/v1`, llmApiKey })

	it('are the environment’s at first', async () => {
		const { data } = await read()
		expect(data.settings).toEqual({
			...{ llmProvider: 'extractive', llmModel: null, llmApiKey: null, llmBaseUrl: null },
			...{ embeddingProvider: 'local', embeddingModel: null, embeddingApiKey: null, embeddingBaseUrl: null },
			...{ rerankingProvider: 'none', rerankingModel: null, rerankingApiKey: null, rerankingBaseUrl: null },
			...{ updatedAt: surface.name === 'REST' ? null : expect.anything(), problem: null },
		})
	})

	it('decide who answers the next question, without a restart, and tell no key', async () => {
		mock.onMessage(/Fundy/, { content: 'Sixteen metres [1].' })
		expect((await ask()).data.response).toContain('No language model is configured')
		const { data } = await update({ ...openai(mock, KEYS.first), llmModel: 'some-model' })
		expect(data.settings).toMatchObject({
			...{ llmProvider: 'openai', llmModel: 'some-model', llmApiKey: '********1111', llmBaseUrl: `${mock.url}/v1`, problem: null },
			updatedAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
		})
		expect((await read()).data.settings).toEqual(data.settings)
		expect((await ask()).data.response).toBe('Sixteen metres [1].')
		expect((await surface.ask(app, systemInfo, {}, lin)).data).toMatchObject({ llmProvider: 'openai', llmModel: 'some-model' })
	})

	it('change while a question is being answered: its answer comes from the model that it was asked of', async () => {
		mock.onMessage(/Fundy/, { content: 'Sixteen metres, says the first model.' }, { chunkSize: 5, latency: 60 })
		other.onMessage(/Fundy/, { content: 'Sixteen metres, says the second.' })
		await update(openai(mock, KEYS.first))
		const asked = ask()
		await expect.poll(() => mock.getRequests().length).toBe(1)
		await update(openai(other, KEYS.second))
		expect((await ask()).data.response).toBe('Sixteen metres, says the second.')
		expect((await asked).data.response).toBe('Sixteen metres, says the first model.')
	})

	it('ask no provider when they are set', async () => {
		const calls: string[] = []
		const provider = await rawServer((response, _body, { url }) => {
			calls.push(url ?? '')
			response.end('{}')
		})
		try {
			expect((await update({ llmProvider: 'anthropic', llmBaseUrl: provider.url, llmApiKey: KEYS.first })).code).toBeUndefined()
			expect(calls).toEqual([])
		} finally {
			await provider.stop()
		}
	})

	it('keep what is not given, and clear what is null', async () => {
		await update({ ...openai(mock, KEYS.first), llmModel: 'some-model' })
		expect((await update({ llmModel: null })).data.settings).toMatchObject({ llmModel: null, llmApiKey: '********1111' })
		expect((await update({ llmApiKey: null })).data.settings).toMatchObject({ llmApiKey: null, llmBaseUrl: `${mock.url}/v1` })
		expect((await update({})).data.settings.llmProvider).toBe('openai')
		expect((await update({ llmProvider: null })).data.settings).toMatchObject({ llmProvider: 'extractive', llmBaseUrl: null })
	})

	it('leave a key that comes back as it was shown, and take no other mask for a key', async () => {
		await update(openai(witness, KEYS.first))
		const { data } = await read()
		const { updatedAt: _, problem: __, ...shown } = data.settings
		expect((await update({ ...shown, llmModel: 'another' })).data.settings).toMatchObject({
			llmModel: 'another',
			llmApiKey: '********1111',
		})
		await ask()
		expect(witness.keys).toEqual([KEYS.first])
		expect((await update({ llmApiKey: '********9999' })).code).toBe('UNPROCESSABLE')
	})

	it('take a key nowhere but where it was meant to go', async () => {
		await update(openai(mock, KEYS.first))
		expect((await update({ llmBaseUrl: null })).code).toBe('UNPROCESSABLE')
		expect((await update({ llmProvider: 'anthropic' })).code).toBe('UNPROCESSABLE')
		expect((await update({ llmBaseUrl: `${witness.url}/v1` })).data.settings.llmApiKey).toBeNull()
		await update(openai(mock, KEYS.first))
		expect((await test({ llmBaseUrl: `${witness.url}/v1` })).data.ok).toBe(true)
		expect(witness.keys).toEqual(['none'])
	})

	it.each(['openai', 'anthropic'])('take no key along when %s is redirected', async (llmProvider) => {
		const redirecting = await rawServer((response) => {
			response.writeHead(307, { location: witness.url }).end()
		})
		try {
			const { data } = await test({ llmProvider, llmBaseUrl: redirecting.url, llmApiKey: KEYS.test })
			expect(data).toEqual({ ok: false, detail: expect.stringContaining('llmBaseUrl') })
			expect(redirecting.bodies).toHaveLength(1)
			expect(witness.keys).toEqual([])
		} finally {
			await redirecting.stop()
		}
	})

	it.each([
		[{ llmProvider: 'nobody' }, 'UNPROCESSABLE', 'nobody'],
		[{ llmProvider: 'toString' }, 'UNPROCESSABLE', 'toString'],
		[{ llmProvider: 'openai' }, 'UNPROCESSABLE', 'llmApiKey'],
		[{ llmProvider: 'anthropic', llmApiKey: null }, 'UNPROCESSABLE', 'llmApiKey'],
		[{ llmProvider: '' }, 'UNPROCESSABLE', 'llmProvider'],
		[{ llmApiKey: '' }, 'UNPROCESSABLE', 'llmApiKey'],
		[{ llmApiKey: 'two words' }, 'UNPROCESSABLE', 'llmApiKey'],
		[{ llmApiKey: '密钥' }, 'UNPROCESSABLE', 'llmApiKey'],
		[{ llmApiKey: 'k'.repeat(4_097) }, 'UNPROCESSABLE', 'llmApiKey'],
		[{ llmModel: 'a\u0000b' }, 'UNPROCESSABLE', 'llmModel'],
		[{ llmModel: 'm'.repeat(201) }, 'UNPROCESSABLE', 'llmModel'],
		[{ llmBaseUrl: 'localhost:1234' }, 'UNPROCESSABLE', 'llmBaseUrl'],
		[{ llmBaseUrl: 'http://me:secret@localhost/v1' }, 'UNPROCESSABLE', 'llmBaseUrl'],
		[{ embeddingProvider: 'openai' }, 'UNPROCESSABLE', 'embeddingApiKey'],
		[{ embeddingProvider: 'nobody' }, 'UNPROCESSABLE', 'local'],
		[{ embeddingModel: 'another' }, 'UNPROCESSABLE', 'local'],
		[{ llmProvider: 42 }, 'BAD_REQUEST', ''],
		[{ llmApiKey: { contains: '' } }, 'BAD_REQUEST', ''],
		[{ llmSecret: 'x' }, 'BAD_REQUEST', ''],
	])('refuse %j: %s, and stay as they are', async (input, code, word) => {
		const before = await app.prisma.settings.findFirst()
		for (const reply of [await update(input), await test(input)]) {
			expect(reply.code).toBe(code)
			expect(reply.error).toContain(word)
		}
		expect(await app.prisma.settings.findFirst()).toEqual(before)
	})

	it('are an admin’s to read, to change and to try', async () => {
		for (const [token, code] of [
			[lin, 'FORBIDDEN'],
			[null, 'UNAUTHENTICATED'],
		] as const)
			for (const reply of [await read(token), await update({ llmProvider: 'extractive' }, token), await test({}, token)])
				expect(reply.code).toBe(code)
	})

	it('of two admins at once are both set', async () => {
		await update(openai(mock, KEYS.first))
		await Promise.all([update({ llmModel: 'a-model' }), update({ embeddingApiKey: KEYS.second }), update({ llmApiKey: KEYS.second })])
		expect((await read()).data.settings).toMatchObject({
			llmModel: 'a-model',
			llmApiKey: '********2222',
			embeddingApiKey: '********2222',
		})
	})

	describe('that are tried', () => {
		it('say what the provider answered, as they are', async () => {
			await update({ ...openai(witness, KEYS.first), llmModel: 'some-model' })
			expect((await test()).data).toEqual({ ok: true, detail: '"openai" 的模型 "some-model" 回答：OK' })
			expect((await test({}, admin, { 'accept-language': 'en' })).data.detail).toBe('The model "some-model" of "openai" answered: OK')
			expect(witness.keys).toEqual([KEYS.first, KEYS.first])
		})

		it('count with what is given on top, which is not stored', async () => {
			expect((await test(openai(witness, KEYS.test))).data.ok).toBe(true)
			expect(witness.keys).toEqual([KEYS.test])
			expect((await read()).data.settings).toMatchObject({ llmProvider: 'extractive', llmApiKey: null })
		})

		it('need nobody without a provider', async () => {
			expect((await test()).data).toEqual({ ok: true, detail: expect.stringContaining('extractive') })
		})

		it.each([
			[401, '不接受此 API 密钥'],
			[404, '拒绝了请求'],
			[500, '过载或故障'],
		])('say in words what went wrong: %i', async (status, words) => {
			mock.onMessage(/word/, { error: { message: `The key ${KEYS.test} is wrong.`, type: 'error' }, status })
			const { data, code } = await test(openai(mock, KEYS.test))
			expect(code).toBeUndefined()
			expect(data).toEqual({ ok: false, detail: expect.stringContaining(words) })
		})

		it('say that nobody is there', async () => {
			expect((await test({ llmProvider: 'openai', llmBaseUrl: 'http://127.0.0.1:9/v1' })).data).toEqual({
				ok: false,
				detail: expect.stringContaining('无法连接'),
			})
		})

		it('keep the key out of an answer that repeats it', async () => {
			mock.onMessage(/word/, { content: `Your key is ${KEYS.test}.` })
			const { data } = await test(openai(mock, KEYS.test))
			expect(data).toEqual({ ok: true, detail: expect.stringContaining('***') })
		})
	})

	it('never tell a key: in no answer, no line of the log, no column', async () => {
		await update({ ...openai(mock, KEYS.first), embeddingApiKey: KEYS.second })
		const row = await app.prisma.settings.findFirstOrThrow()
		expect(row.llmApiKey).toMatch(/^v1\./)
		for (const key of Object.values(KEYS))
			for (const kept of [...answers, JSON.stringify(lines), JSON.stringify(row)]) expect(kept).not.toContain(key)
		expect(answers.length).toBeGreaterThan(20)
	})
})

it('makes the key of the settings, for its owner alone', async () => {
	if (app.place.environment['SETTINGS_KEY']) return // given: processes share it
	expect((await stat(path.join(app.directory, 'settings.key'))).mode & 0o777).toBe(0o600)
})

if (inject('services')) {
	describe('settings of several processes', () => {
		it.each(surfaces)('are heard of by all, and keep when one is started: $name', async (surface) => {
			const here = await bootApp()
			const started: TestApp[] = []
			try {
				const twin = await bootApp({ place: here.place })
				started.push(twin)
				const shown = async (asked: TestApp) => (await surface.ask(asked, getSettings, {}, await asked.tokenOf('admin'))).data.settings
				expect((await shown(twin)).llmProvider).toBe('extractive')
				const input = { llmProvider: 'openai', llmBaseUrl: `${witness.url}/v1`, llmApiKey: KEYS.second }
				const { data } = await surface.ask(here, updateSettings, { input }, await here.tokenOf('admin'))
				await expect.poll(() => shown(twin), { timeout: 20_000 }).toEqual(data.settings)
				const reply = await surface.ask(twin, sendMessage, { slug, input: { message: QUESTION } }, await twin.tokenOf('admin'))
				expect(reply.data.response).toBe('OK')
				expect(witness.keys).toEqual([KEYS.second])
				const late = await bootApp({ place: here.place })
				started.push(late)
				expect(await shown(late)).toEqual(data.settings)
			} finally {
				await Promise.all(started.map((app) => app.stop()))
				await here.end()
			}
		})
	})
}

describe('a key that was stored under another SETTINGS_KEY', () => {
	const boot = (place: TestApp['place'], key: string, more = {}) =>
		bootApp({ place, environment: { SETTINGS_KEY: `${key}: at least thirty-two characters` }, ...more })

	it.each(surfaces)('is said at the start and to whoever needs it, and set anew it works: $name', async (surface) => {
		const { log, lines } = recordingLog()
		const old = await boot(await makePlace(), 'old')
		await old.services.settings.update({ llmProvider: 'openai', llmBaseUrl: `${mock.url}/v1`, llmApiKey: KEYS.first, llmModel: 'm' })
		await old.stop()
		const restarted = await boot(old.place, 'new', { log })
		try {
			const token = await restarted.tokenOf('admin')
			expect(JSON.stringify(lines)).toContain('SETTINGS_KEY')
			const { data } = await surface.ask(restarted, getSettings, {}, token)
			expect(data.settings).toMatchObject({ llmApiKey: '********', problem: expect.stringContaining('SETTINGS_KEY') })
			const asked = await surface.ask(restarted, sendMessage, { slug, input: { message: QUESTION } }, token)
			expect(asked).toMatchObject({ code: 'UNAVAILABLE', error: expect.stringContaining('SETTINGS_KEY') })
			expect((await surface.ask(restarted, testSettings, {}, token)).data).toMatchObject({ ok: false })
			const changed = await surface.ask(restarted, updateSettings, { input: { llmModel: 'n' } }, token)
			expect(changed.data.settings.problem).toContain('SETTINGS_KEY')
			mock.onMessage(/Fundy/, { content: 'Sixteen.' })
			const repaired = await surface.ask(restarted, updateSettings, { input: { llmApiKey: KEYS.second } }, token)
			expect(repaired.data.settings).toMatchObject({ llmModel: 'n', llmApiKey: '********2222', problem: null })
			expect((await surface.ask(restarted, sendMessage, { slug, input: { message: QUESTION } }, token)).data.response).toBe('Sixteen.')
		} finally {
			await restarted.end()
		}
	})
})
