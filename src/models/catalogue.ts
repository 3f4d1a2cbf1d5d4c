import type { Ordering } from '../cursors.ts'
import { AppError } from '../errors.ts'
import { explain } from '../providers/failures.ts'
import { shared } from '../shared.ts'
import { type LlmProvider, listModels, llmProvider, type ModelConfig, modelOf, type RemoteProvider } from './index.ts'
import { LIST_TIMEOUT_MS } from './remote.ts'
import { TABLE } from './table.ts'

/** Where a model is known from: its provider's list, our table, or because it is set. */
export type ModelSource = 'provider' | 'table' | 'settings'

/** A model that can be set. */
export interface KnownModel {
	id: string
	name: string
	provider: LlmProvider
	/** Its context window, in tokens. */
	maxTokens: number
	source: ModelSource
}

interface Dependencies<Config extends ModelConfig> {
	/** Who answers: the same object until that changes. */
	config(): Promise<Config>
	/** Hears why a provider did not list its models. */
	report(problem: string): void
}

const FRESH_MS = 60_000
/** The context window of a model that nobody tells it of: the smallest in use. */
const ASSUMED_TOKENS = 8_192

export type Catalogue = ReturnType<typeof createCatalogue>

/** How they are listed. */
export const MODEL_ORDER: Ordering = {
	name: 'Model.id',
	columns: [
		['provider', 'text'],
		['id', 'text'],
	],
	direction: 'asc',
}

/** Models of the provider that is set, and `extractive`, in {@link MODEL_ORDER}. The provider is asked once a minute at most; what it does not answer in time the table does. */
export function createCatalogue<Config extends ModelConfig>({ config, report }: Dependencies<Config>) {
	let asked: { config: Config; list: () => Promise<KnownModel[]> } | undefined

	function listOf(config: Config): Promise<KnownModel[]> {
		if (asked?.config !== config) {
			const list = shared((signal) => known(config, signal), { timeoutMs: 2 * LIST_TIMEOUT_MS, freshMs: FRESH_MS })
			asked = { config, list }
		}
		return asked.list()
	}

	async function known(config: Config, signal: AbortSignal): Promise<KnownModel[]> {
		const provider = llmProvider(config.provider)
		const own = fromTable('extractive', {})
		if (provider === 'extractive') return own
		const listed = (await live(provider, config, signal)) ?? fromTable(provider, config)
		const set = modelOf(config)
		const isListed = listed.some(({ id }) => id === set)
		const named: KnownModel = { id: set, name: nameOf(provider, set), provider, maxTokens: windowOf(provider, set), source: 'settings' }
		return [...listed, ...(isListed ? [] : [named]), ...own].toSorted(byProviderAndId)
	}

	/** Null when there is nobody to ask, or no answer. */
	async function live(provider: RemoteProvider, { apiKey, baseUrl }: Config, signal: AbortSignal): Promise<KnownModel[] | null> {
		if (!apiKey && !baseUrl) return null
		try {
			const deadline = AbortSignal.any([signal, AbortSignal.timeout(LIST_TIMEOUT_MS)])
			const listed = await listModels(provider, { apiKey, baseUrl }, deadline)
			if (listed.length === 0) throw new AppError('providerBroke', { provider })
			return listed.map(({ id, name = nameOf(provider, id), maxTokens = windowOf(provider, id) }) => ({
				...{ id, name, provider, maxTokens },
				source: 'provider',
			}))
		} catch (error) {
			report(`no list of models: ${explain(error, { role: 'llm', provider, apiKey }).message}`)
			return null
		}
	}

	return {
		async list(): Promise<KnownModel[]> {
			return listOf(await config())
		},
	}
}

const byProviderAndId = (one: KnownModel, other: KnownModel): number =>
	one.provider === other.provider ? (one.id < other.id ? -1 : 1) : one.provider < other.provider ? -1 : 1

/** Of a server that only speaks a vendor's language the table knows nothing. */
const fromTable = (provider: LlmProvider, { baseUrl }: Pick<ModelConfig, 'baseUrl'>): KnownModel[] =>
	baseUrl ? [] : TABLE[provider].map((row) => ({ ...row, provider, source: 'table' }))

const nameOf = (provider: LlmProvider, id: string): string => TABLE[provider].find((row) => row.id === id)?.name ?? id

/** Of the longest id in the table that this one begins with: `gpt-4o-2024-11-20` has the window of `gpt-4o`. */
function windowOf(provider: LlmProvider, id: string): number {
	const rows = TABLE[provider].filter((row) => id === row.id || id.startsWith(`${row.id}-2`))
	return rows.toSorted((one, other) => other.id.length - one.id.length)[0]?.maxTokens ?? ASSUMED_TOKENS
}
