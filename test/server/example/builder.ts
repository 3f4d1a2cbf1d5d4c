import SchemaBuilder from '@pothos/core'
import RelayPlugin from '@pothos/plugin-relay'
import ScopeAuthPlugin from '@pothos/plugin-scope-auth'
import '../../../schema/plugins/numeric-ids.ts'
import '../../../schema/plugins/rest.ts'
import { AppError } from '../../../src/errors.ts'
import { Upload } from '../../../src/uploads.ts'
import type { Store, User } from './store.ts'

export interface Context {
	viewer: User | undefined
	store: Store
	/** What the resolver of an upload does with it. */
	receive(upload: Upload): Promise<{ size: number; trailing: ReadonlyMap<string, string> }>
}

export const builder = new SchemaBuilder<{
	Context: Context
	DefaultFieldNullability: false
	AuthScopes: { public: boolean; user: boolean }
	Scalars: {
		ID: { Input: number; Output: number }
		ThreadID: { Input: string; Output: string }
		DateTime: { Input: Date; Output: Date }
		JSONObject: { Input: unknown; Output: unknown }
		File: { Input: Upload; Output: never }
	}
}>({
	plugins: ['rest', 'numericIds', ScopeAuthPlugin, RelayPlugin],
	defaultFieldNullability: false,
	scopeAuth: {
		authScopes: ({ viewer }) => ({ public: true, user: viewer !== undefined }),
		unauthorizedError: () => new AppError('notSignedIn'),
	},
	relay: { nodeQueryOptions: false, nodesQueryOptions: false },
	prisma: undefined as never, // asked for by the types of a plugin that is not used here
})

builder.scalarType('ThreadID', {
	description: 'The id of a thread, `thread-…`.',
	serialize: String,
	parseValue(value) {
		if (typeof value === 'string' && value.startsWith('thread-')) return value
		throw new AppError('badValue', { at: 'threadId', expected: 'an id such as thread-…' })
	},
	extensions: { jsonSchema: { type: 'string', pattern: '^thread-' } },
})

builder.scalarType('DateTime', {
	serialize: (value) => value.toISOString(),
	parseValue: (value) => new Date(String(value)),
	extensions: { jsonSchema: { type: 'string', format: 'date-time' } },
})

builder.scalarType('JSONObject', {
	serialize: (value) => value,
	parseValue: (value) => value,
	extensions: { jsonSchema: { type: 'object' } },
})

builder.scalarType('File', {
	serialize() {
		throw new Error('File is for input only')
	},
	parseValue(value) {
		if (value instanceof Upload) return value
		throw new AppError('badValue', { at: 'file', expected: 'a file of a multipart request' })
	},
	extensions: { jsonSchema: { type: 'string', format: 'binary' } },
})

builder.queryType()
builder.mutationType()
