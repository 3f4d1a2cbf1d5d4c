import { pageOfList } from '../src/cursors.ts'
import { type KnownModel, MODEL_ORDER } from '../src/models/catalogue.ts'
import type { Trial } from '../src/providers/trial.ts'
import type { ShownSettings } from '../src/settings/settings.ts'
import type { SystemInfo as SystemInfoShape } from '../src/system/system.ts'
import { builder } from './builder.ts'
import { optionalKey, optionalLine } from './rules.ts'

const VectorDB = builder.enumType('VectorDB', {
	description: 'What keeps the index of the documents.',
	values: {
		EMBEDDED: { value: 'embedded', description: 'The embedded database.' },
		POSTGRES: { value: 'postgres', description: 'PostgreSQL.' },
		MILVUS: { value: 'milvus', description: 'Milvus.' },
	} as const,
})

const StorageUse = builder.objectRef<SystemInfoShape['storage']>('StorageUse').implement({
	description: 'How full the data directory is, measured: `1.2GB` of 10^9 bytes, below one `850.3MB`.',
	fields: (t) => ({
		used: t.exposeString('used', { description: 'By its files; the embedded database is among them.' }),
		available: t.exposeString('available', { description: 'What its disk has left.' }),
	}),
})

const SystemInfo = builder.objectRef<SystemInfoShape>('SystemInfo').implement({
	description: 'What this server is made of.',
	fields: (t) => ({
		version: t.exposeString('version', { description: 'Its version.' }),
		llmProvider: t.exposeString('llmProvider', { description: 'Who answers: `extractive`, `openai`, `anthropic`.' }),
		llmModel: t.exposeString('llmModel', { description: 'With which model.' }),
		vectorDB: t.expose('vectorDB', { type: VectorDB, description: 'What keeps the index of the documents.' }),
		embeddingProvider: t.exposeString('embeddingProvider', { description: 'Who makes vectors of texts.' }),
		embeddingModel: t.exposeString('embeddingModel', { description: 'With which model.' }),
		storage: t.expose('storage', { type: StorageUse, description: 'How full its data directory is.' }),
	}),
})

builder.queryField('systemInfo', (t) =>
	t.withAuth({ user: true }).field({
		type: SystemInfo,
		description: 'What this server is made of.',
		rest: { method: 'GET', path: '/system/info' },
		resolve: (_root, _args, { services }) => services.system.info(),
	}),
)

const ModelSource = builder.enumType('ModelSource', {
	description: 'Where a model is known from.',
	values: {
		PROVIDER: { value: 'provider', description: 'Its provider lists it, now.' },
		TABLE: { value: 'table', description: 'A table of ours: the provider was not asked, or did not answer.' },
		SETTINGS: { value: 'settings', description: 'It is the one that is set, and nobody lists it.' },
	} as const,
})

const Model = builder.objectRef<KnownModel>('Model').implement({
	description: 'A language model that can be set.',
	fields: (t) => ({
		id: t.exposeString('id', { description: 'Its name at its provider, and in the settings.' }),
		name: t.exposeString('name', { description: 'Its name for people; the id where it has none.' }),
		provider: t.exposeString('provider', { description: 'Whose it is.' }),
		maxTokens: t.exposeInt('maxTokens', {
			description: 'What it reads at most, in tokens; 8,192 where neither the provider nor we know.',
		}),
		source: t.expose('source', { type: ModelSource, description: 'Where it is known from.' }),
	}),
})

builder.queryField('models', (t) =>
	t.withAuth({ user: true }).connection(
		{
			type: Model,
			description: 'The models of the provider that is set, and `extractive`, by provider and id.',
			rest: { method: 'GET', path: '/system/models', key: 'models' },
			resolve: async (_root, args, { services }) => {
				const models = await services.models.list()
				return { ...pageOfList(MODEL_ORDER, args, models), totalCount: models.length }
			},
		},
		{ name: 'ModelConnection' },
		{ name: 'ModelEdge' },
	),
)

const Settings = builder.objectRef<ShownSettings>('Settings').implement({
	description: 'What admins set while the server runs. It wins over the environment. Keys are shown by their last four characters at most.',
	fields: (t) => ({
		llmProvider: t.exposeString('llmProvider', { description: 'Who answers.' }),
		llmModel: t.exposeString('llmModel', { nullable: true, description: 'With which model; null: the provider’s default.' }),
		llmApiKey: t.exposeString('llmApiKey', { nullable: true, description: 'The key, masked; null: none.' }),
		llmBaseUrl: t.exposeString('llmBaseUrl', { nullable: true, description: 'The address of its API; null: the vendor’s own.' }),
		embeddingProvider: t.exposeString('embeddingProvider', { description: 'Who makes vectors of texts.' }),
		embeddingModel: t.exposeString('embeddingModel', { nullable: true, description: 'With which model; null: the provider’s default.' }),
		embeddingApiKey: t.exposeString('embeddingApiKey', { nullable: true, description: 'The key, masked; null: none.' }),
		embeddingBaseUrl: t.exposeString('embeddingBaseUrl', {
			nullable: true,
			description: 'The address of its API; null: the vendor’s own.',
		}),
		rerankingProvider: t.exposeString('rerankingProvider', {
			description: 'Who puts in order what workspaces find that want it so; `none`: nobody.',
		}),
		rerankingModel: t.exposeString('rerankingModel', { nullable: true, description: 'With which model; null: the provider’s default.' }),
		rerankingApiKey: t.exposeString('rerankingApiKey', { nullable: true, description: 'The key, masked; null: none.' }),
		rerankingBaseUrl: t.exposeString('rerankingBaseUrl', {
			nullable: true,
			description: 'The address of its API; null: the vendor’s own.',
		}),
		updatedAt: t.expose('updatedAt', {
			type: 'DateTime',
			nullable: true,
			description: 'When they were last changed; null while all is the environment’s.',
		}),
		problem: t.string({
			nullable: true,
			description: 'Why they cannot be used, in words: a key that was stored under another SETTINGS_KEY. Null when all is well.',
			resolve: ({ problem }, _args, { language }) => problem?.in(language) ?? null,
		}),
	}),
})

builder.queryField('settings', (t) =>
	t.withAuth({ admin: true }).field({
		type: Settings,
		description: 'The settings, keys masked. For admins.',
		rest: { method: 'GET', path: '/system/settings', key: 'settings' },
		resolve: (_root, _args, { services }) => services.settings.shown(),
	}),
)

const MAX_MODEL = 200
const MAX_URL = 2_000

const settingsInput = (name: string, description: string) =>
	builder.inputType(name, {
		description: `${description} An absent field stays, null clears. Another provider takes nothing of the old one along, another base URL no key.`,
		fields: (t) => {
			const model = (description: string) => t.string({ description, validate: optionalLine(MAX_MODEL) })
			const key = (description: string) => t.string({ description, validate: optionalKey })
			const url = (description: string) => t.string({ description, validate: optionalLine(MAX_URL) })
			return {
				llmProvider: model(
					'Who answers: `extractive`, `openai` (or whatever speaks its language, by base URL), `anthropic`. Null: the environment’s.',
				),
				llmModel: model('With which model; null: the provider’s default.'),
				llmApiKey: key('The key. As it is shown, masked, it leaves the key that is there.'),
				llmBaseUrl: url('The address of its API, such as `http://localhost:11434/v1`; null: the vendor’s own.'),
				embeddingProvider: model(
					'Who makes vectors of texts: `local`, `openai` (or whatever speaks its language, by base URL), `ollama`, `jina`, `voyage`, `dashscope`, `zhipu`, `mistral`, `siliconflow`, `gemini`. Where there are documents, the index is made anew for another model in the background (see `reindexingState`), and the old one serves until that is complete.',
				),
				embeddingModel: model('With which model; null: the provider’s default.'),
				embeddingApiKey: key('The key. As it is shown, masked, it leaves the key that is there.'),
				embeddingBaseUrl: url('The address of its API; null: the vendor’s own.'),
				rerankingProvider: model(
					'Who puts in order what workspaces find that want it so: `none`, `jina` (or whatever speaks its language, by base URL), `cohere`, `voyage`, `dashscope`, `zhipu`, `siliconflow`. Null: the environment’s.',
				),
				rerankingModel: model('With which model; null: the provider’s default.'),
				rerankingApiKey: key('The key. As it is shown, masked, it leaves the key that is there.'),
				rerankingBaseUrl: url('The address of its API; null: the vendor’s own.'),
			}
		},
	})
const UpdateSettingsInput = settingsInput('UpdateSettingsInput', 'What to change of the settings.')
const TestSettingsInput = settingsInput('TestSettingsInput', 'What to try on top of the settings, without changing them.')

const UpdateSettingsPayload = builder.objectRef<ShownSettings>('UpdateSettingsPayload').implement({
	description: 'Settings that were changed.',
	fields: (t) => ({ settings: t.field({ type: Settings, description: 'All of them, keys masked.', resolve: (settings) => settings }) }),
})

builder.mutationField('updateSettings', (t) =>
	t.withAuth({ admin: true }).field({
		type: UpdateSettingsPayload,
		description:
			'Changes the settings, for the next question on, in every process; those being answered go on. Another embedder serves once the documents are indexed for it. Asks no provider. For admins.',
		rest: { method: 'PUT', path: '/system/settings' },
		args: { input: t.arg({ type: UpdateSettingsInput, required: true, description: 'What to change.' }) },
		resolve: (_root, { input }, { services }) => services.settings.update(input),
	}),
)

const TestSettingsPayload = builder.objectRef<Trial>('TestSettingsPayload').implement({
	description: 'What came of asking the provider something tiny.',
	fields: (t) => ({
		ok: t.exposeBoolean('ok', { description: 'Whether it answered.' }),
		detail: t.exposeString('detail', { description: 'Its answer, or what went wrong, in words.' }),
	}),
})

builder.mutationField('testSettings', (t) =>
	t.withAuth({ admin: true }).field({
		type: TestSettingsPayload,
		description:
			'Asks the provider that answers for one word, a remote embedder for one vector and the reranker for an order of two texts, with the settings or with what is given on top of them; stores nothing. For admins.',
		rest: { method: 'POST', path: '/system/settings/test' },
		args: { input: t.arg({ type: TestSettingsInput, description: 'What to try on top of the settings.' }) },
		resolve: (_root, { input }, { services, language, signal }) => services.settings.test(input ?? {}, language, signal),
	}),
)
