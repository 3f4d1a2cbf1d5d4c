import { type ExecutionResult, GraphQLError } from 'graphql'
import { AppError, knownError, type Language, publicError } from '../errors.ts'
import { retryAfterOf } from './limits.ts'
import { STATUS } from './rest/status.ts'

/** Hears of errors that nobody expected, with their cause. */
export type Report = (cause: unknown) => void

/** A result with its errors as the caller may see them: our words in their language, a code, and nothing of an unexpected cause. */
export function presented(result: ExecutionResult, language: Language, report: Report): ExecutionResult {
	return result.errors ? { ...result, errors: result.errors.map((error) => presentedError(error, language, report)) } : result
}

export function presentedError(error: GraphQLError, language: Language, report: Report): GraphQLError {
	const cause = causeOf(error)
	const { http, code, retryAfter } = error.extensions
	const status = http === undefined ? {} : { http } // of the answer, where the request itself cannot be read
	if (cause instanceof GraphQLError || isOfScalar(error, cause)) {
		// graphql-js's own, as the document or its variables cannot be read: it says where; or one that was presented before
		return rewritten(error, error.message, {
			code: ofRequest(code, http),
			...(retryAfter !== undefined && { retryAfter }),
			...status,
		})
	}
	if (!knownError(cause)) report(cause)
	const shown = publicError(cause)
	const seconds = retryAfterOf(shown)
	return rewritten(error, shown.in(language), { code: shown.code, ...(seconds !== undefined && { retryAfter: seconds }), ...status })
}

/** Whether a scalar refused a variable or a literal, before any field was resolved. */
const isOfScalar = ({ path }: GraphQLError, cause: unknown): boolean => !path && cause instanceof AppError && cause.problem === 'badValue'

/** Yoga calls a method that it does not take a bad request. */
const ofRequest = (code: unknown, http: unknown): unknown =>
	(http as { status?: number } | undefined)?.status === STATUS.METHOD_NOT_ALLOWED
		? 'METHOD_NOT_ALLOWED'
		: isOurs(code)
			? code
			: 'BAD_REQUEST'

const isOurs = (code: unknown): boolean => typeof code === 'string' && Object.hasOwn(STATUS, code)

/** graphql-js wraps errors, those of variables more than once. */
function causeOf(error: GraphQLError): unknown {
	let cause: unknown = error
	while (cause instanceof GraphQLError && cause.originalError) cause = cause.originalError
	return cause
}

function rewritten({ nodes, source, positions, path }: GraphQLError, message: string, extensions: Record<string, unknown>): GraphQLError {
	return new GraphQLError(message, {
		nodes: nodes ?? null,
		source: source ?? null,
		positions: positions ?? null,
		path: path ?? null,
		extensions,
	})
}
