/** What `npm run check` asks of schema/openapi.json: the recommended rules of Redocly, Spectral and OWASP, and every exception with its reason. */

import type { RawUniversalConfig } from '@redocly/openapi-core'

interface Exception {
	readonly rules: readonly string[]
	/** Where in the document, as `paths/~1users/get`: JSON pointers. */
	readonly at: RegExp
	readonly reason: string
}

/** Redocly's rules: https://redocly.com/docs/cli/rules */
export const redocly: RawUniversalConfig = { extends: ['recommended'], telemetry: 'off' }

export const exceptions: readonly Exception[] = [
	{
		rules: ['owasp:api1:2023-no-numeric-ids'],
		at: /^paths\/.*\/parameters\/\d+\/schema$/,
		reason: 'The API reference has integer ids. They tell nothing: what a caller may not know of is not found, whatever its number.',
	},
	{
		rules: ['owasp:api2:2023-write-restricted'],
		at: /^paths\/~1auth~1login\/post\/security$/,
		reason: 'Whoever signs in has no token yet.',
	},
	{
		rules: [
			'owasp:api4:2023-array-limit',
			'owasp:api4:2023-integer-limit',
			'owasp:api4:2023-string-limit',
			'owasp:api4:2023-string-restricted',
		],
		at: /^(components\/responses|components\/headers|components\/schemas\/(?!\w+Input\/)|paths\/.*\/responses\/)/,
		reason: 'Limits are for what comes in. What goes out is what was let in, or made here; its length is not a promise.',
	},
	{
		rules: ['owasp:api4:2023-string-limit'],
		at: /\/properties\/file$/,
		reason: 'A file: its limit is the server’s configuration (UPLOAD_MAX_BYTES), its failure 413.',
	},
	{
		rules: ['owasp:api4:2023-string-limit', 'owasp:api4:2023-string-restricted'],
		at: /^components\/parameters\/(AcceptLanguage|IfNoneMatch|IfRange|LastEventId|Range)\/schema$/,
		reason: 'What such a header says and nobody understands is passed over, as HTTP wants it; all headers together have a limit.',
	},
	{
		rules: ['owasp:api8:2023-define-error-validation', 'operation-4xx-response'],
		at: /^paths\/(~1auth~1(verify|logout)|~1system~1(info|models|settings|reindexing(~1(estimate|pause|resume))?))\/(get|post|delete)\/responses$/,
		reason: 'They take no argument that could be wrong.',
	},
]
