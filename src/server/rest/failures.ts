import { GraphQLError } from 'graphql'
import { AppError, knownError } from '../../errors.ts'
import { isRecord } from '../json.ts'

/** A thrown error as the caller may see it. */
export interface Failure {
	readonly error: AppError
	/** What the caller does not see, for the log; undefined when the caller sees all. */
	readonly hidden: unknown
	/** Headers that whoever threw asks for, as Yoga reads them: `extensions.http.headers`. */
	readonly headers: Record<string, string>
}

export function failureOf(thrown: unknown): Failure {
	const causes = causesOf(thrown)
	const known = causes.map(knownError).find((error) => error !== undefined)
	const headers = thrown instanceof GraphQLError ? httpHeaders(thrown.extensions) : {}
	if (known) return { error: known, hidden: undefined, headers }
	if (isRefusal(causes)) return { error: new AppError('unreadable', { reason: causes[0].message }), hidden: undefined, headers }
	return { error: new AppError('internal'), hidden: causes.at(-1), headers }
}

export function httpHeaders(extensions: unknown): Record<string, string> {
	const http = isRecord(extensions) ? extensions['http'] : undefined
	const headers = isRecord(http) && isRecord(http['headers']) ? http['headers'] : {}
	return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), String(value)]))
}

/** From the error that arrived to the one that started it. */
function causesOf(thrown: unknown): [unknown, ...unknown[]] {
	const causes: [unknown, ...unknown[]] = [thrown]
	let cause = thrown
	while (cause instanceof GraphQLError && cause.originalError) {
		cause = cause.originalError
		causes.push(cause)
	}
	return causes
}

/** GraphQL refuses a request before any resolver runs: such an error has neither a code nor a path, and is the caller's. */
function isRefusal(causes: [unknown, ...unknown[]]): causes is [GraphQLError, ...GraphQLError[]] {
	const [first] = causes
	return (
		causes.every((cause) => cause instanceof GraphQLError) &&
		first instanceof GraphQLError &&
		!first.path &&
		first.extensions['code'] === undefined
	)
}
