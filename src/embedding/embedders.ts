import type { Embedder } from './embedder.ts'

interface Dependencies<Config extends object> {
	/** Who embeds from now on: the same object until that changes. `isFresh`: as the database has it at this moment. */
	config(isFresh: boolean): Promise<Config>
	make(config: Config): Promise<Embedder>
	/** Hears of a replaced embedder that did not let go. */
	report(error: unknown): void
}

export type Embedders = ReturnType<typeof createEmbedders>

/** A replaced embedder goes on for so long: longer than a search, which may just have got it, waits for the vector of its query. */
const LINGER_MS = 5_000

/** The embedder that is set. A replaced one lets go of its memory by itself, and ends with the others. */
export function createEmbedders<Config extends object>({ config, make, report }: Dependencies<Config>) {
	let serving: { config: Config; embedder: Promise<Embedder> } | undefined
	/** How each replaced one is ended at once; it has left when it is gone. */
	const lingering = new Set<() => Promise<void>>()

	function linger(replaced: Promise<Embedder>): void {
		const end = async () => {
			clearTimeout(timer)
			await replaced.then((embedder) => embedder.stop()).catch(report)
			lingering.delete(end)
		}
		const timer = setTimeout(() => void end(), LINGER_MS).unref()
		lingering.add(end)
	}

	return {
		/** `isFresh`: not the one of a moment ago, though another process has set another. @throws AppError when nobody can be asked. */
		async current(isFresh = false): Promise<Embedder> {
			const set = await config(isFresh)
			if (serving?.config !== set) {
				if (serving) linger(serving.embedder)
				serving = { config: set, embedder: make(set) }
				serving.embedder.catch(() => undefined) // whoever asks for it hears of it
			}
			return serving.embedder
		},

		async stop(): Promise<void> {
			const embedder = await serving?.embedder.catch(() => undefined)
			await Promise.all([...lingering].map((end) => end()).concat(embedder?.stop() ?? []))
		},
	}
}
