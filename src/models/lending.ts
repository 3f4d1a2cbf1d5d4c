import type { ChatModel, Loan } from './model.ts'

interface Dependencies<Config extends object> {
	/** Who answers from now on: the same object until that changes. */
	config(): Promise<Config>
	make(config: Config): Promise<ChatModel>
	/** Hears of a replaced model that did not let go. */
	report(error: unknown): void
}

interface Made<Config> {
	config: Config
	model: Promise<ChatModel>
	runs: number
	isReplaced: boolean
}

/** The model that is set, for each run anew. A replaced one is stopped when its last run has ended. */
export function createModels<Config extends object>({ config, make, report }: Dependencies<Config>) {
	let serving: Made<Config> | undefined

	function serve(config: Config): Made<Config> {
		if (serving?.config === config) return serving
		const replaced = serving
		serving = { config, model: make(config), runs: 0, isReplaced: false }
		serving.model.catch(() => undefined) // whoever borrows it hears of it
		if (replaced) {
			replaced.isReplaced = true
			stopIfIdle(replaced)
		}
		return serving
	}

	function stopIfIdle({ model, runs, isReplaced }: Made<Config>): void {
		if (!isReplaced || runs > 0) return
		model.then(
			(it) => it.stop?.().catch(report),
			() => undefined, // never was one
		)
	}

	return {
		/** @throws AppError when nobody can be asked. */
		async lend(): Promise<Loan> {
			const made = serve(await config())
			made.runs++
			let isReleased = false
			const release = () => {
				if (isReleased) return
				isReleased = true
				made.runs--
				stopIfIdle(made)
			}
			try {
				return { model: await made.model, release }
			} catch (error) {
				release()
				throw error
			}
		},

		/** When no run is left. */
		async stop(): Promise<void> {
			const model = await serving?.model.catch(() => undefined)
			await model?.stop?.()
		},
	}
}
