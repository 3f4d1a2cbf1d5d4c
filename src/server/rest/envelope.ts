import type { AppError, Language } from '../../errors.ts'
import { retryAfterOf } from '../limits.ts'
import { STATUS } from './status.ts'

/** The body of every JSON answer below the base: exactly these keys, in this order. */
export interface Envelope {
	readonly success: boolean
	readonly data: unknown
	readonly error: string | null
	readonly message: string
}

export interface Answer {
	readonly status: number
	readonly headers: Record<string, string>
	/** Null where there is nothing to say. */
	readonly body: Envelope | null
}

interface Spoken extends Answer {
	readonly body: Envelope
}

const MESSAGES = {
	zh: { succeeded: '操作成功', failed: '操作失败' },
	en: { succeeded: 'The operation succeeded.', failed: 'The operation failed.' },
} as const satisfies Record<Language, unknown>

export function success(data: unknown, status: number, headers: Record<string, string>, language: Language): Spoken {
	return {
		status,
		headers: { ...headers, 'content-language': language, 'cache-control': 'no-store' },
		body: { success: true, data, error: null, message: MESSAGES[language].succeeded },
	}
}

export function failure(error: AppError, headers: Record<string, string>, language: Language): Spoken {
	return {
		status: STATUS[error.code],
		headers: { ...headers, ...headersOf(error), 'x-error-code': error.code, 'content-language': language, 'cache-control': 'no-store' },
		body: { success: false, data: null, error: error.in(language), message: MESSAGES[language].failed },
	}
}

function headersOf(error: AppError): Record<string, string> {
	const retryAfter = retryAfterOf(error)
	if (retryAfter !== undefined) return { 'retry-after': String(retryAfter) }
	if (isMethodNotAllowed(error)) return { allow: error.params[0].allow }
	if (isBadRange(error)) return { 'content-range': `bytes */${error.params[0].size}` }
	return error.code === 'UNAUTHENTICATED' ? { 'www-authenticate': 'Bearer' } : {}
}

const isMethodNotAllowed = (error: AppError): error is AppError<'methodNotAllowed'> => error.problem === 'methodNotAllowed'
const isBadRange = (error: AppError): error is AppError<'badRange'> => error.problem === 'badRange'
