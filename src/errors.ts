import { english, type Messages } from './messages.en.ts'
import { chinese } from './messages.zh.ts'

/** Every code a caller can meet: `X-Error-Code` over REST, `extensions.code` over GraphQL. */
export type ErrorCode =
	| 'BAD_REQUEST'
	| 'UNAUTHENTICATED'
	| 'FORBIDDEN'
	| 'NOT_FOUND'
	| 'METHOD_NOT_ALLOWED'
	| 'NOT_ACCEPTABLE'
	| 'PAYLOAD_TOO_LARGE'
	| 'UNSUPPORTED_MEDIA_TYPE'
	| 'RANGE_NOT_SATISFIABLE'
	| 'CONFLICT'
	| 'UNPROCESSABLE'
	| 'RATE_LIMITED'
	| 'INTERNAL'
	| 'UNAVAILABLE'
	| 'PROVIDER_ERROR'
	| 'INTERRUPTED'

export type Language = 'zh' | 'en'

/** What went wrong, one entry a kind of failure, with the words for it in both languages. */
export type Problem = keyof Messages

const words = { zh: chinese, en: english } satisfies Record<Language, Messages>

const CODES = {
	unreadable: 'BAD_REQUEST',
	badJson: 'BAD_REQUEST',
	badBody: 'BAD_REQUEST',
	slowBody: 'BAD_REQUEST',
	badValue: 'BAD_REQUEST',
	badCursor: 'BAD_REQUEST',
	documentLimit: 'BAD_REQUEST',
	malformedRequest: 'BAD_REQUEST',
	headersTooLarge: 'BAD_REQUEST',
	slowRequest: 'BAD_REQUEST',
	badPath: 'BAD_REQUEST',
	missingField: 'BAD_REQUEST',
	unknownField: 'BAD_REQUEST',
	brokenUpload: 'BAD_REQUEST',
	oneFileOnly: 'UNPROCESSABLE',
	notSignedIn: 'UNAUTHENTICATED',
	wrongCredentials: 'UNAUTHENTICATED',
	badToken: 'UNAUTHENTICATED',
	forbidden: 'FORBIDDEN',
	noSuchPath: 'NOT_FOUND',
	noSuchWorkspace: 'NOT_FOUND',
	noSuchDocument: 'NOT_FOUND',
	noSuchThread: 'NOT_FOUND',
	noSuchRun: 'NOT_FOUND',
	noSuchUser: 'NOT_FOUND',
	noSuchMember: 'NOT_FOUND',
	gone: 'NOT_FOUND',
	methodNotAllowed: 'METHOD_NOT_ALLOWED',
	notAcceptable: 'NOT_ACCEPTABLE',
	bodyTooLarge: 'PAYLOAD_TOO_LARGE',
	fileTooLarge: 'PAYLOAD_TOO_LARGE',
	encodedBody: 'UNSUPPORTED_MEDIA_TYPE',
	unsupportedMediaType: 'UNSUPPORTED_MEDIA_TYPE',
	slugTaken: 'CONFLICT',
	sameBytes: 'CONFLICT',
	usernameTaken: 'CONFLICT',
	alreadyMember: 'CONFLICT',
	lastAdmin: 'CONFLICT',
	lastOwner: 'CONFLICT',
	runBusy: 'CONFLICT',
	runCancelled: 'CONFLICT',
	requestIdReused: 'UNPROCESSABLE',
	keyBusy: 'CONFLICT',
	keyReused: 'UNPROCESSABLE',
	keyForOne: 'UNPROCESSABLE',
	badIdempotencyKey: 'UNPROCESSABLE',
	tooShort: 'UNPROCESSABLE',
	tooLong: 'UNPROCESSABLE',
	empty: 'UNPROCESSABLE',
	tooSmall: 'UNPROCESSABLE',
	tooLarge: 'UNPROCESSABLE',
	firstOrLast: 'UNPROCESSABLE',
	badSlug: 'UNPROCESSABLE',
	badCharacters: 'UNPROCESSABLE',
	cannotClear: 'UNPROCESSABLE',
	overlapTooLarge: 'UNPROCESSABLE',
	notAnObject: 'UNPROCESSABLE',
	oneUser: 'UNPROCESSABLE',
	unknownProvider: 'UNPROCESSABLE',
	keyRequired: 'UNPROCESSABLE',
	maskedKey: 'UNPROCESSABLE',
	badBaseUrl: 'UNPROCESSABLE',
	localModelOnly: 'UNPROCESSABLE',
	otherDimensions: 'PROVIDER_ERROR',
	embedderBroke: 'PROVIDER_ERROR',
	textTooLong: 'PROVIDER_ERROR',
	rerankerBroke: 'PROVIDER_ERROR',
	emptyFile: 'UNPROCESSABLE',
	unsupportedFile: 'UNPROCESSABLE',
	notProcessed: 'CONFLICT',
	fileMissing: 'NOT_FOUND',
	badRange: 'RANGE_NOT_SATISFIABLE',
	badFileUrl: 'UNAUTHENTICATED',
	internal: 'INTERNAL',
	processingFailed: 'INTERNAL',
	unavailable: 'UNAVAILABLE',
	rateLimited: 'RATE_LIMITED',
	tooManyOperations: 'RATE_LIMITED',
	tooManyStreams: 'RATE_LIMITED',
	interrupted: 'INTERRUPTED',
	runTimedOut: 'UNAVAILABLE',
	lockedKey: 'UNAVAILABLE',
	providerRefused: 'PROVIDER_ERROR',
	providerKey: 'PROVIDER_ERROR',
	providerQuota: 'PROVIDER_ERROR',
	providerContext: 'PROVIDER_ERROR',
	providerOverloaded: 'UNAVAILABLE',
	providerUnreachable: 'UNAVAILABLE',
	providerSilent: 'UNAVAILABLE',
	providerBroke: 'PROVIDER_ERROR',
	parsePassword: 'UNPROCESSABLE',
	parseBroken: 'UNPROCESSABLE',
	parseNoText: 'UNPROCESSABLE',
	parseTooMuchText: 'UNPROCESSABLE',
	parseTooManyPages: 'UNPROCESSABLE',
	parseTimeout: 'UNPROCESSABLE',
	parseMemory: 'UNPROCESSABLE',
	parseCrash: 'UNPROCESSABLE',
	parseBomb: 'UNPROCESSABLE',
	parseDirectory: 'UNPROCESSABLE',
} as const satisfies Record<Problem, ErrorCode>

/**
 * A failure whose words the caller may read. Whoever throws says what happened (`new AppError('slugTaken', { slug })`);
 * code, words and language are found here, the HTTP status in `server/rest/`.
 */
export class AppError<P extends Problem = Problem> extends Error {
	readonly problem: P
	readonly params: Parameters<Messages[P]>
	readonly code: ErrorCode

	constructor(problem: P, ...params: Parameters<Messages[P]>) {
		super(say('en', problem, params))
		this.name = 'AppError'
		this.problem = problem
		this.params = params
		this.code = CODES[problem]
	}

	/** For the error that graphql-js makes of a thrown one. A new object each time, for executors write codes of their own into it. */
	get extensions(): { code: ErrorCode } {
		return { code: this.code }
	}

	in(language: Language): string {
		return say(language, this.problem, this.params)
	}
}

function say<P extends Problem>(language: Language, problem: P, params: Parameters<Messages[P]>): string {
	const sentence = words[language][problem] as (...params: Parameters<Messages[P]>) => string
	return sentence(...params)
}

/**
 * A part that is needed does not answer; for a caller, UNAVAILABLE. It has no `code`: Prisma, which it passes through, takes an error that has one
 * for its own.
 */
export class Unavailable extends Error {
	readonly part: string

	constructor(part: string, cause: Error) {
		super(`${part}: ${cause.message}`, { cause })
		this.name = 'Unavailable'
		this.part = part
	}
}

/** An error that has words for the caller; undefined for one that nobody expected. */
export function knownError(error: unknown): AppError | undefined {
	if (error instanceof AppError) return error
	return error instanceof Unavailable ? new AppError('unavailable', { part: error.part }) : undefined
}

/** Anything thrown, as the caller may see it: an unexpected error keeps its cause to the log. */
export const publicError = (error: unknown): AppError => knownError(error) ?? new AppError('internal')

/** A failure that was put into words before it is thrown again: how a run ended, as its log has it. */
export class StoredError extends AppError<'internal'> {
	override readonly code: ErrorCode

	constructor(code: ErrorCode, words: string) {
		super('internal')
		this.message = words
		this.code = code
	}

	override in(): string {
		return this.message
	}
}
