import type { ErrorCode } from '../../errors.ts'

/** The only place where an error becomes a status. */
export const STATUS = {
	BAD_REQUEST: 400,
	UNAUTHENTICATED: 401,
	FORBIDDEN: 403,
	NOT_FOUND: 404,
	METHOD_NOT_ALLOWED: 405,
	NOT_ACCEPTABLE: 406,
	CONFLICT: 409,
	PAYLOAD_TOO_LARGE: 413,
	UNSUPPORTED_MEDIA_TYPE: 415,
	UNPROCESSABLE: 422,
	RATE_LIMITED: 429,
	INTERNAL: 500,
	PROVIDER_ERROR: 502,
	UNAVAILABLE: 503,
	INTERRUPTED: 503,
} as const satisfies Record<ErrorCode, number>
