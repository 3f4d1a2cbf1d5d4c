import type { Prisma, PrismaClient } from '../database/database.ts'
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
	reindexing: Reindexing
	/** Names what embeds: vectors of the same id may be compared. @throws AppError UNPROCESSABLE for settings that no embedder has. */
	embedderIdOf(embedding: Provider): string
	/** Ask something tiny. */
	tryModel(llm: Provider, language: Language, signal: AbortSignal): Promise<Trial>
	tryEmbedder(embedding: Provider, language: Language, signal: AbortSignal): Promise<Trial>
	tryReranker(reranking: Provider, language: Language, signal: AbortSignal): Promise<Trial>
	/** Hears of stored keys that do not open. */
	report(problem: string): void
}

/** The index has vectors of one embedder: for another it is made anew, while the old one serves. */
interface Reindexing {
	lock(tx: Tx): Promise<void>
	begin(tx: Tx, embedder: string, embedding: Stored): Promise<void>
	end(tx: Tx): Promise<unknown>
}

type Tx = Prisma.TransactionClient

/** A provider's columns, the key sealed. */
type Stored = { [Field in keyof Provider]: string | null }

type KnownProviders = Readonly<Record<string, { needsKey: boolean; isRemote?: boolean }>>

/** Settings in force: the same object until they change. */
interface Current extends Record<Group, SetProvider> {
	/** Who is to embed once the index is made anew; null when that is who embeds now. */
	next: SetProvider | null
	problem: AppError | null
	row: SettingsModel
}

const ROW = 1
/** They are read again then, even if no news came: what tells of news may be away. */
const MAX_AGE_MS = 60_000
/** What processes tell each other: the settings have changed. */
const CHANNEL = 'settings'
/** Admins that change settings at the same moment, at most. */
const MAX_ATTEMPTS = 5

export type Settings = Awaited<ReturnType<typeof createSettings>>

/** What admins set while the server runs: who answers, with which model and key. It wins over the environment, in every process. */
export async function createSettings(dependencies: Dependencies) {
	const { prisma, bus, seal, first, providers, reindexing, embedderIdOf, report } = dependencies
	let news = 0
	let last: Current | undefined
	let reading: { news: number; at: number; answer: Promise<Current> } | undefined
	const changedElsewhere = () => void news++
	bus.subscribe(CHANNEL, { hear: changedElsewhere, resync: changedElsewhere })

	/** Read again only when there is news. */
	function current(): Promise<Current> {
		if (reading?.news === news && performance.now() - reading.at < MAX_AGE_MS) return reading.answer
		const mine = { news, at: performance.now(), answer: read() }
		reading = mine
		mine.answer.catch(() => {
			if (reading === mine) reading = undefined
		})
		return mine.answer
	}

	async function read(): Promise<Current> {
		const row = await prisma.settings.findUniqueOrThrow({ where: { id: ROW } })
		if (last?.row.version === row.version) return last
		const made = await prisma.reindexing.findFirst({ select: { embedding: true } })
		const embedding = made?.embedding as Stored | null | undefined
		const next = embedding ? provider(embedding, 'embedding') : null
		const set = { llm: inForce(row, 'llm'), embedding: inForce(row, 'embedding'), reranking: inForce(row, 'reranking'), next }
		const locked = Object.values(set).find((provider) => provider?.isLocked)
		const problem = locked ? new AppError('lockedKey', { provider: locked.provider }) : null
		if (problem) report(problem.message)
		last = { ...set, problem, row }
		return last
	}

	const inForce = (row: SettingsModel, group: Group): SetProvider => provider(of(group, row), group)

	function provider({ provider, model, apiKey: sealed, baseUrl }: Change, group: Group): SetProvider {
		if (provider == null) return { ...first[group], isLocked: false }
		const apiKey = sealed == null ? null : seal.open(sealed, `${group}ApiKey`)
		const isLocked = sealed != null && apiKey === null
		return { provider, model: model ?? undefined, apiKey: apiKey ?? undefined, baseUrl: baseUrl ?? undefined, isLocked }
	}

	/** @throws AppError UNPROCESSABLE */
	function merged(current: Current, input: SettingsInput) {
		const set = shownOf(current)
		const next = (group: Group) => checked(changed(set[group], first[group], changeOf(group, set[group], input)), group)
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

	/** Stores the row if nobody else has since; false when somebody has. @throws AppError UNAVAILABLE when a key is to be used that does not open. */
	async function store(before: Current, next: ReturnType<typeof merged>): Promise<boolean> {
		const { version } = before.row
		const { embedding, ...others } = next
		const change = async (tx: Tx, data: object) =>
			(await tx.settings.updateMany({ where: { id: ROW, version }, data: { ...data, version: version + 1, updatedAt: new Date() } }))
				.count > 0
		if (embedding === undefined) return change(prisma, rowOf(others))
		const embedder = embedderIdOf(embedding ?? first.embedding)
		return prisma.$transaction(async (tx) => {
			await reindexing.lock(tx)
			if (embedder === embedderIdOf(before.embedding)) {
				if (!(await change(tx, rowOf(next)))) return false
				if (before.next) await reindexing.end(tx)
				return true
			}
			await tx.$executeRaw`LOCK TABLE "Document" IN SHARE MODE` // none comes meanwhile
			if ((await tx.document.count({ where: { status: { not: 'failed' } } })) === 0) {
				if (!(await change(tx, rowOf(next)))) return false
				await reindexing.end(tx)
				return true
			}
			if (embedding?.isLocked) throw new AppError('lockedKey', { provider: embedding.provider })
			if (!(await change(tx, rowOf(others)))) return false
			await reindexing.begin(tx, embedder, columns(embedding, 'embedding'))
			return true
		})
	}

	/** The columns of a provider; all null when the environment's counts again. */
	function columns(next: SetProvider | null, group: Group): Stored {
		if (!next) return { provider: null, model: null, apiKey: null, baseUrl: null }
		const { provider, model = null, apiKey, baseUrl = null } = next
		return { provider, model, baseUrl, apiKey: apiKey === undefined ? null : seal.seal(apiKey, `${group}ApiKey`) }
	}

	/** Of the groups that change; a key that does not open stays. */
	function rowOf(next: Partial<ReturnType<typeof merged>>): object {
		const row = {}
		for (const group of GROUPS) {
			const set = next[group]
			if (set === undefined) continue
			const { apiKey, ...others } = columns(set, group)
			Object.assign(row, named(group, set?.isLocked ? others : { apiKey, ...others }))
		}
		return row
	}

	const announce = () => bus.publish(CHANNEL, {})

	await current()

	return {
		/** All processes read them again. */
		announce,

		/** This process does. */
		forget: changedElsewhere,

		/** Who is to embed once the index is made anew, as the database has it. @throws AppError UNAVAILABLE when its key does not open. */
		async nextEmbedding(): Promise<Provider> {
			news++
			const { next, embedding } = await current()
			const provider = next ?? embedding
			if (provider.isLocked) throw new AppError('lockedKey', { provider: provider.provider })
			return provider
		},

		/** The index is made anew: who was to embed does so from now on. To be announced when it is committed. */
		async takeOver(tx: Tx, embedding: unknown): Promise<void> {
			const data = embedding ? named('embedding', embedding as Stored) : {}
			await tx.settings.update({ where: { id: ROW }, data: { ...data, version: { increment: 1 } } })
		},

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
				if (Object.values(next).every((set) => set === undefined)) return shown(before)
				if (!(await store(before, next))) changedElsewhere()
				else {
					await announce()
					return shown(await current())
				}
			}
			throw new AppError('unavailable', { part: 'settings' })
		},

		/** Asks the providers something tiny, those that embed and rerank too where they are remote ones, with the settings as they are and what is given on top; stores nothing. @throws AppError UNPROCESSABLE */
		async test(input: SettingsInput, language: Language, signal: AbortSignal): Promise<Trial> {
			const before = await current()
			const next = merged(before, input)
			const inForce = shownOf(before)
			const set = (group: Group) => (next[group] === undefined ? inForce[group] : (next[group] ?? first[group]))
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

/** As they were last set. */
const shownOf = ({ llm, embedding, reranking, next }: Current): Record<Group, SetProvider> => ({
	llm,
	embedding: next ?? embedding,
	reranking,
})

const shown = (current: Current): ShownSettings => ({
	...fieldsOf(shownOf(current)),
	updatedAt: current.row.updatedAt,
	problem: current.problem,
})

const fieldsOf = ({ llm, embedding, reranking }: Record<Group, SetProvider>) => ({
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
})
