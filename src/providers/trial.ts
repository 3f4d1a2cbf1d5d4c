import { AppError, type Language, publicError } from '../errors.ts'

/** How asking a provider something tiny ended, in words for people. */
export interface Trial {
	ok: boolean
	detail: string
}

export const TRIAL_MS = 20_000

/** Asks, and says what came back. `ask` gives the words of success, without a key in them. Never rejects but for an abort. */
export async function tried(
	provider: string,
	language: Language,
	signal: AbortSignal,
	ask: (signal: AbortSignal) => Promise<string>,
): Promise<Trial> {
	try {
		return { ok: true, detail: await ask(AbortSignal.any([signal, AbortSignal.timeout(TRIAL_MS)])) }
	} catch (error) {
		signal.throwIfAborted()
		const isLate = error instanceof DOMException && error.name === 'TimeoutError'
		const failure = isLate ? new AppError('providerSilent', { provider }) : publicError(error)
		return { ok: false, detail: failure.in(language) }
	}
}
