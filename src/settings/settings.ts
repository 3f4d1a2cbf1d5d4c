import type { PrismaClient } from '../database/database.ts'
import { AppError, type Language } from '../errors.ts'
import type { Bus } from '../events/bus.ts'
import type { SettingsModel } from '../generated/prisma/models.ts'
import type { Trial } from '../providers/trial.ts'
import { type Change, changed, type Provider, requireBaseUrl, type SetProvider, shownKey, unmasked } from './providers.ts'
import type { Seal } from './seal.ts'

/** What a provider is for. */
const GROUPS = ['llm', 'embedding', 'reranking'] as const
type Group = (typeof GROUPS)[number]
type Name = `${Group}${'Provider' | 'Model' | 'ApiKey' | 'BaseUrl'}`

/** What an admin asks for: an absent field stays, null clears; a provider that is null is the environment's again. */
export type SettingsInput = { [Field in Name]?: string | null | undefined }

/** The settings as everybody's eyes may see them. */
export interface ShownSettings extends Record<Name, string | null> {
	llmProvider: string
	embeddingProvider: string
	rerankingProvider: string
	/** Null: nothing was ever set, all is the environment's. */
	updatedAt: Date | null
	/** What is wrong with them, if anything. */
	problem: AppError | null
}

interface Dependencies {
	prisma: PrismaClient
	bus: Bus
	seal: Seal
	/** The environment's: they count until an admin sets others. */
	first: Record<Group, Provider>
	providers: Record<Group, KnownProviders>
	/** Names what embeds: vectors of the same id may be compared. @throws AppError UNPROCESSABLE for settings that no embedder has. */
	embedderIdOf(embedding: Provider): string
	/** Ask something tiny. */
	tryModel(llm: Provider, language: Language, signal: AbortSignal): Promise<Trial>
	tryEmbedder(embedding: Provider, language: Language, signal: AbortSignal): Promise<Trial>
	tryReranker(reranking: Provider, language: Language, signal: AbortSignal): Promise<Trial>
	/** Hears of stored keys that do not open. */
	report(problem: string): void
}

type KnownProviders = Readonly<Record<string, { needsKey: boolean; isRemote?: boolean }>>

/** Settings in force: the same object until they change. */
interface Current extends Record<Group, SetProvider> {
	problem: AppError | null
	row: SettingsModel
}

const ROW = 1
/** What processes tell each other: the settings have changed. */
const CHANNEL = 'settings'
/** Admins that change settings at the same moment, at most. */
const MAX_ATTEMPTS = 5

export type Settings = Awaited<ReturnType<typeof createSettings>>

/** What admins set while the server runs: who answers, with which model and key. It wins over the environment, in every process. */
export async function createSettings(dependencies: Dependencies) {
	const { prisma, bus, seal, first, providers, embedderIdOf, report } = dependencies
	let news = 0
	let last: Current | undefined
	let reading: { news: number; answer: Promise<Current> } | undefined
	const changedElsewhere = () => void news++
	bus.subscribe(CHANNEL, { hear: changedElsewhere, resync: changedElsewhere })

	/** Read again only when there is news. */
	function current(): Promise<Current> {
		if (reading?.news === news) return reading.answer
		const mine = { news, answer: read() }
		reading = mine
		mine.answer.catch(() => {
			if (reading === mine) reading = undefined
		})
		return mine.answer
	}

	async function read(): Promise<Current> {
		const row = await prisma.settings.findUniqueOrThrow({ where: { id: ROW } })
		if (last?.row.version === row.version) return last
		const set = { llm: inForce(row, 'llm'), embedding: inForce(row, 'embedding'), reranking: inForce(row, 'reranking') }
		const locked = Object.values(set).find(({ isLocked }) => isLocked)
		const problem = locked ? new AppError('lockedKey', { provider: locked.provider }) : null
		if (problem) report(problem.message)
		last = { ...set, problem, row }
		return last
	}

	function inForce(row: SettingsModel, group: Group): SetProvider {
		const { provider, model, apiKey: sealed, baseUrl } = of(group, row)
		if (provider == null) return { ...first[group], isLocked: false }
		const apiKey = sealed == null ? null : seal.open(sealed, `${group}ApiKey`)
		const isLocked = sealed != null && apiKey === null
		return { provider, model: model ?? undefined, apiKey: apiKey ?? undefined, baseUrl: baseUrl ?? undefined, isLocked }
	}

	/** @throws AppError UNPROCESSABLE */
	function merged(current: Current, input: SettingsInput) {
		const next = (group: Group) => checked(changed(current[group], first[group], changeOf(group, current[group], input)), group)
		return { llm: next('llm'), embedding: next('embedding'), reranking: next('reranking') }
	}

	function checked<Next extends SetProvider | null | undefined>(next: Next, group: Group): Next {
		if (!next) return next
		requireBaseUrl(next.baseUrl, `${group}BaseUrl`)
		requireKnown(next, group)
		if (group === 'embedding') embedderIdOf(next)
		return next
	}

	function requireKnown({ provider, apiKey, baseUrl, isLocked }: SetProvider, group: Group): void {
		const all = providers[group]
		const known = Object.hasOwn(all, provider) ? all[provider] : undefined
		if (!known) throw new AppError('unknownProvider', { at: `${group}Provider`, provider, known: Object.keys(all).join(', ') })
		if (known.needsKey && !apiKey && !baseUrl && !isLocked) throw new AppError('keyRequired', { at: `${group}ApiKey`, provider })
	}

	const isRemote = ({ provider }: Provider, group: Group): boolean => providers[group][provider]?.isRemote === true

	/** Stores the row if nobody else has since; false when somebody has. @throws AppError UNPROCESSABLE */
	async function store(before: Current, embedding: SetProvider | null | undefined, data: object): Promise<boolean> {
		const { version } = before.row
		const id = embedderIdOf(before.embedding)
		const change = { where: { id: ROW, version }, data: { ...data, version: version + 1, updatedAt: new Date() } }
		if (embedding === undefined || embedderIdOf(embedding ?? first.embedding) === id)
			return (await prisma.settings.updateMany(change)).count > 0
		return prisma.$transaction(async (tx) => {
			await tx.$executeRaw`LOCK TABLE "Document" IN SHARE MODE` // none comes meanwhile
			if ((await tx.document.count({ where: { status: { not: 'failed' } } })) > 0) throw new AppError('otherEmbedder', { embedder: id })
			return (await tx.settings.updateMany(change)).count > 0
		})
	}

	/** The columns of a provider; all null when the environment's counts again. */
	function columns(next: SetProvider | null, group: Group) {
		if (!next) return { provider: null, model: null, apiKey: null, baseUrl: null }
		const { provider, model = null, apiKey, baseUrl = null, isLocked } = next
		const sealed = apiKey === undefined ? null : seal.seal(apiKey, `${group}ApiKey`)
		return { provider, model, baseUrl, ...(!isLocked && { apiKey: sealed }) }
	}

	/** Of the groups that change. */
	const rowOf = (next: ReturnType<typeof merged>) =>
		Object.assign({}, ...GROUPS.map((group) => next[group] !== undefined && named(group, columns(next[group], group)))) as object

	await current()

	return {
		/** Who answers from now on. The same object until that changes. @throws AppError UNAVAILABLE when its key does not open. */
		async llm(): Promise<Provider> {
			const { llm } = await current()
			if (llm.isLocked) throw new AppError('lockedKey', { provider: llm.provider })
			return llm
		},

		/** Who embeds from now on, `isFresh`: as the database has it, whatever was heard of it. The same object until that changes. @throws AppError UNAVAILABLE when its key does not open. */
		async embedding(isFresh: boolean): Promise<Provider> {
			if (isFresh) news++
			const { embedding } = await current()
			if (embedding.isLocked) throw new AppError('lockedKey', { provider: embedding.provider })
			return embedding
		},

		/** Who reranks from now on. The same object until that changes. @throws AppError UNAVAILABLE when its key does not open. */
		async reranking(): Promise<Provider> {
			const { reranking } = await current()
			if (reranking.isLocked) throw new AppError('lockedKey', { provider: reranking.provider })
			return reranking
		},

		/** The providers' names, and all of them that can be shown. */
		async shown(): Promise<ShownSettings> {
			return shown(await current())
		},

		/** Who answers, whether or not its key opens. */
		async providers(): Promise<{ llm: Provider; embedding: Provider }> {
			return current()
		},

		/** Sets what is given, in every process at once; asks no provider. @throws AppError UNPROCESSABLE */
		async update(input: SettingsInput): Promise<ShownSettings> {
			for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
				const before = await current()
				const next = merged(before, input)
				const data = rowOf(next)
				if (Object.keys(data).length === 0) return shown(before)
				if (!(await store(before, next.embedding, data))) changedElsewhere()
				else {
					await bus.publish(CHANNEL, {})
					return shown(await current())
				}
			}
			throw new AppError('unavailable', { part: 'settings' })
		},

		/** Asks the providers something tiny, those that embed and rerank too where they are remote ones, with the settings as they are and what is given on top; stores nothing. @throws AppError UNPROCESSABLE */
		async test(input: SettingsInput, language: Language, signal: AbortSignal): Promise<Trial> {
			const before = await current()
			const next = merged(before, input)
			const set = (group: Group) => (next[group] === undefined ? before[group] : (next[group] ?? first[group]))
			const { tryModel, tryEmbedder, tryReranker } = dependencies
			const trials = [tried(set('llm'), tryModel)]
			if (isRemote(set('embedding'), 'embedding')) trials.push(tried(set('embedding'), tryEmbedder))
			if (isRemote(set('reranking'), 'reranking')) trials.push(tried(set('reranking'), tryReranker))
			const all = await Promise.all(trials)
			return { ok: all.every(({ ok }) => ok), detail: all.map(({ detail }) => detail).join('\n') }

			async function tried(provider: Provider | SetProvider, ask: Dependencies['tryModel']): Promise<Trial> {
				const isLocked = 'isLocked' in provider && provider.isLocked
				if (isLocked) return { ok: false, detail: new AppError('lockedKey', { provider: provider.provider }).in(language) }
				return ask(provider, language, signal)
			}
		},
	}
}

const of = (group: Group, from: SettingsInput): Change => ({
	provider: from[`${group}Provider`],
	model: from[`${group}Model`],
	apiKey: from[`${group}ApiKey`],
	baseUrl: from[`${group}BaseUrl`],
})

function changeOf(group: Group, current: SetProvider, input: SettingsInput): Change {
	const change = of(group, input)
	return { ...change, apiKey: unmasked(change.apiKey, current, `${group}ApiKey`) }
}

const named = (group: Group, fields: object): { [Field in Name]?: string | null } =>
	Object.fromEntries(Object.entries(fields).map(([field, value]) => [group + field.charAt(0).toUpperCase() + field.slice(1), value]))

const shown = ({ llm, embedding, reranking, problem, row }: Current): ShownSettings => ({
	llmProvider: llm.provider,
	llmModel: llm.model ?? null,
	llmApiKey: shownKey(llm),
	llmBaseUrl: llm.baseUrl ?? null,
	embeddingProvider: embedding.provider,
	embeddingModel: embedding.model ?? null,
	embeddingApiKey: shownKey(embedding),
	embeddingBaseUrl: embedding.baseUrl ?? null,
	rerankingProvider: reranking.provider,
	rerankingModel: reranking.model ?? null,
	rerankingApiKey: shownKey(reranking),
	rerankingBaseUrl: reranking.baseUrl ?? null,
	updatedAt: row.updatedAt,
	problem,
})
