import graphql from '@graphql-eslint/eslint-plugin'

const { configs, parser } = graphql

/** What is part of a thing, or shows something that has no identity. */
const VALUES = [
	'ChatCancelled',
	'ChatCompleted',
	'ChatDelta',
	'ChatFailed',
	'ChatHistory',
	'ChatSources',
	'ChatStarted',
	'Citation',
	'DocumentDeleted',
	'DocumentError',
	'DocumentProgress',
	'DocumentProgressed',
	'DocumentStage',
	'DocumentText',
	'DocumentVersionProgressed',
	'HeadingMark',
	'Member', // a user in a workspace: `userId`
	'PageInfo',
	'PageMark',
	'Pagination',
	'PendingVersion', // of its document
	'Reindexing', // one at most
	'ReindexingError',
	'ReindexingEstimate',
	'ReindexingState',
	'RunError',
	'SearchDuplicate', // a chunk: `chunkId`
	'SearchPassage',
	'SearchResult',
	'SearchSnippet',
	'SearchTerm',
	'Settings',
	'Source',
	'StorageUse',
	'SystemInfo',
	'TextSpan',
	'UploadResult', // of its document
	'Usage',
]
const SUFFIXES = ['Payload', 'Page', 'Connection', 'Edge']

/** Of the printed GraphQL schema alone, for `npm run check`; code is Biome's. */
export default [
	{
		files: ['schema/schema.graphql'],
		languageOptions: { parser, parserOptions: { graphQLConfig: { schema: 'schema/schema.graphql' } } },
		plugins: { '@graphql-eslint': graphql },
		rules: {
			...configs['flat/schema-recommended'].rules,
			...configs['flat/schema-relay'].rules,
			// a user is found by `username` in the REST reference too
			'@graphql-eslint/no-typename-prefix': 'off',
			// ids are those of REST: there is no `Node`; payloads and pages hold plain lists
			'@graphql-eslint/relay-edge-types': [
				'error',
				{ withEdgeSuffix: true, shouldImplementNode: false, listTypeCanWrapOnlyEdgeType: false },
			],
			// threads and runs have ids with scalars of their own, models those of their providers
			'@graphql-eslint/strict-id-in-types': [
				'error',
				{
					acceptedIdNames: ['id'],
					acceptedIdTypes: ['ID', 'ThreadID', 'RunID', 'String'],
					exceptions: { types: VALUES, suffixes: SUFFIXES },
				},
			],
		},
	},
]
