const SECURITY_HEADERS = [
	['x-content-type-options', 'nosniff'],
	['referrer-policy', 'no-referrer'],
	['x-frame-options', 'DENY'],
] as const

/** On every answer. */
export const headersOf = (requestId: string): Map<string, string> => new Map([...SECURITY_HEADERS, ['x-request-id', requestId]])
