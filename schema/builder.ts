import SchemaBuilder from '@pothos/core'
import PrismaPlugin from '@pothos/plugin-prisma'
import RelayPlugin from '@pothos/plugin-relay'
import ScopeAuthPlugin from '@pothos/plugin-scope-auth'
import ValidationPlugin from '@pothos/plugin-validation'
import { z } from 'zod'
import type { Context, SignedIn } from '../src/context.ts'
import { DEFAULT_NODES, MAX_NODES } from '../src/cursors.ts'
import type { Download } from '../src/downloads.ts'
import { AppError } from '../src/errors.ts'
import type PrismaTypes from '../src/generated/pothos.ts'
import { getDatamodel } from '../src/generated/pothos.ts'
import { refusalOf, scopesOf } from '../src/rights.ts'
import { Upload } from '../src/uploads.ts'
import './plugins/idempotent.ts'
import './plugins/limits.ts'
import './plugins/numeric-ids.ts'
import './plugins/rest.ts'
import './plugins/rights-first.ts'
import { asAppError } from './rules.ts'

export const builder = new SchemaBuilder<{
	Context: Context
	PrismaTypes: PrismaTypes
	DefaultFieldNullability: false
	/** Every root field says which. */
	AuthScopes: ReturnType<typeof scopesOf>
	AuthContexts: { user: SignedIn; admin: SignedIn }
	Connection: { totalCount: number | (() => number | Promise<number>) }
	Scalars: {
		/** Text in GraphQL, a number in services: the numericIds plugin. */
		ID: { Input: number; Output: number }
		ThreadID: { Input: string; Output: string }
		RunID: { Input: string; Output: string }
		DateTime: { Input: Date; Output: Date }
		JSONObject: { Input: unknown; Output: unknown }
		File: { Input: Upload; Output: never }
		FileUrl: { Input: never; Output: Download }
	}
}>({
	plugins: ['limits', 'rest', ScopeAuthPlugin, 'rightsFirst', 'numericIds', RelayPlugin, PrismaPlugin, ValidationPlugin, 'idempotent'],
	defaultFieldNullability: false,
	scopeAuth: {
		authorizeOnSubscribe: true,
		authScopes: scopesOf,
		unauthorizedError: (_parent, caller) => refusalOf(caller),
	},
	validation: { validationError: asAppError },
	prisma: {
		client: ({ prisma }) => prisma,
		dmmf: getDatamodel(),
	},
	relay: {
		nodeQueryOptions: false,
		nodesQueryOptions: false,
		pageInfoTypeOptions: { description: 'Where a page of a connection stands.' },
		hasNextPageFieldOptions: { description: 'Whether more follows.' },
		hasPreviousPageFieldOptions: { description: 'Whether something comes before.' },
		startCursorFieldOptions: { description: 'The cursor of the first edge.' },
		endCursorFieldOptions: { description: 'The cursor of the last edge: the next page’s `after`.' },
		cursorFieldOptions: { description: 'Names this place in the list; opaque.' },
		nodeFieldOptions: { description: 'The thing itself.' },
		edgesFieldOptions: { description: 'The things of this page, with their cursors.' },
		pageInfoFieldOptions: { description: 'Where this page stands.' },
		firstArgOptions: { description: `How many, from the start; at most ${MAX_NODES}, ${DEFAULT_NODES} unless said.` },
		lastArgOptions: { description: `How many, from the end; at most ${MAX_NODES}. Not with \`first\`.` },
		afterArgOptions: { description: 'Begin behind this cursor.' },
		beforeArgOptions: { description: 'End before this cursor.' },
		defaultConnectionTypeOptions: { description: 'A list in pages, by cursor.' },
		defaultEdgeTypeOptions: { description: 'A thing and its place in a list.' },
	},
})

builder.globalConnectionField('totalCount', (t) =>
	t.int({
		description: 'How many there are on all pages.',
		resolve: ({ totalCount }) => (typeof totalCount === 'function' ? totalCount() : totalCount),
	}),
)

builder.queryType({ description: 'Everything that can be read.' })
builder.mutationType({ description: 'Everything that changes something.' })
builder.subscriptionType({ description: 'Everything that can be followed, over WebSocket (graphql-ws) or server-sent events.' })

function prefixedId(name: 'ThreadID' | 'RunID', prefix: 'thread' | 'run', description: string): void {
	const maxSuffix = 60
	const pattern = new RegExp(`^${prefix}-[0-9a-z-]{1,${maxSuffix}}$`)
	const parse = (value: unknown): string => {
		if (typeof value === 'string' && pattern.test(value)) return value
		throw new AppError('badValue', { at: `${prefix}Id`, expected: `an id such as ${prefix}-…` })
	}
	builder.scalarType(name, {
		description,
		serialize: String,
		parseValue: parse,
		extensions: { jsonSchema: { type: 'string', pattern: pattern.source, maxLength: `${prefix}-`.length + maxSuffix } },
	})
}
prefixedId('ThreadID', 'thread', 'The id of a thread, `thread-…`.')
prefixedId('RunID', 'run', 'The id of a run, `run-…`.')

/** Of years that are written with four digits, as the database knows them too. */
const dateTime = z.iso
	.datetime({ offset: true })
	.transform((text) => new Date(text))
	.refine((date) => date.getUTCFullYear() >= 1 && date.getUTCFullYear() <= 9_999)

builder.scalarType('DateTime', {
	description: 'A time as ISO 8601 in UTC, with milliseconds: `2024-01-01T00:00:00.000Z`.',
	specifiedByURL: 'https://scalars.graphql.org/andimarek/date-time.html',
	serialize: (value) => value.toISOString(),
	parseValue: (value) => {
		const { success, data } = dateTime.safeParse(value)
		if (!success) throw new AppError('badValue', { at: 'DateTime', expected: 'a time such as 2024-01-01T00:00:00.000Z' })
		return data
	},
	extensions: { jsonSchema: { type: 'string', format: 'date-time' } },
})

builder.scalarType('JSONObject', {
	description: 'A JSON object.',
	serialize: (value) => value,
	parseValue: (value) => value,
	extensions: { jsonSchema: { type: 'object', additionalProperties: true } },
})

builder.scalarType('File', {
	description: 'A file of a multipart request (https://github.com/jaydenseric/graphql-multipart-request-spec).',
	serialize: () => {
		throw new Error('File is for input only')
	},
	parseValue: (value) => {
		if (value instanceof Upload) return value
		throw new AppError('badValue', { at: 'file', expected: 'a file of a multipart request' })
	},
	extensions: { jsonSchema: { type: 'string', format: 'binary' } },
})

builder.scalarType('FileUrl', {
	description:
		'Where the bytes of a file are, an absolute path on this server. It needs no token and is good for five minutes, for whom it was made for and with the rights that they have then.',
	serialize: (file) => file, // in JSON its URL; REST sends its bytes
	parseValue: () => {
		throw new AppError('badValue', { at: 'FileUrl', expected: 'nothing' })
	},
	extensions: { jsonSchema: { type: 'string', format: 'uri-reference' } },
})
