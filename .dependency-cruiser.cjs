/**
 * Imports go one way: server -> schema -> features -> parts -> errors and types. Features meet through the services that src/app.ts hands them.
 * What a feature may know of another one stands in `ports` and `functions`: add a line there when two features have to meet, and say so in the review.
 */
const features = [
	'auth',
	'chat',
	'documents',
	'embedding',
	'metrics',
	'models',
	'reranking',
	'retrieval',
	'search',
	'settings',
	'system',
	'users',
	'webhooks',
	'workspaces',
]
const parts = [
	'cursors.ts',
	'database',
	'downloads.ts',
	'events',
	'idempotency',
	'jobs',
	'leases.ts',
	'limits',
	'net',
	'storage',
	'text',
	'log.ts',
	'pages.ts',
	'providers',
	'shared.ts',
	'uploads.ts',
]

/** Files whose types every feature may use. */
const ports = [
	'auth/auth',
	'embedding/embedder',
	'embedding/embedders',
	'models/model',
	'reranking/reranking',
	'retrieval/chunk-index',
	'retrieval/generations',
	'retrieval/retrieval',
	'workspaces/access',
]
/** Files whose functions and constants every feature may use: they keep no state and take what they work on. */
const functions = ['auth/passwords', 'documents/metadata', 'retrieval/chunk-index', 'retrieval/generations', 'workspaces/access']

const any = (names) => `(${names.map((name) => name.replace('.', '\\.')).join('|')})`
const feature = `^src/${any(features)}/`
const part = `^src/${any(parts)}(/|$)`
const files = (names) => `^src/${any(names)}\\.ts$`

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
	forbidden: [
		{
			name: 'no-cycle',
			comment: 'Two files that need each other are one file, or miss a third. Types count.',
			severity: 'error',
			from: { pathNot: '^src/generated/' },
			to: { circular: true },
		},
		{
			name: 'every-folder-has-its-place',
			comment: 'A new folder of src/ is a feature or a part: list it above, so that the rules know it.',
			severity: 'error',
			from: {},
			to: { path: '^src/', pathNot: [feature, part, '^src/(server|generated)/', '^src/[^/]+\\.ts$'] },
		},
		{
			name: 'resolves',
			comment: 'What is imported must be there.',
			severity: 'error',
			from: {},
			to: { couldNotResolve: true },
		},
		{
			name: 'product-needs-no-tools',
			comment: 'What is served imports neither development dependencies nor what is not served.',
			severity: 'error',
			from: { path: '^(src|schema)/' },
			to: { path: '^(test|demo|bench|eval|scripts|biome-plugins)/' },
		},
		{
			name: 'product-needs-no-dev-dependency',
			comment: 'npm installs no development dependency where the product runs.',
			severity: 'error',
			from: { path: '^(src|schema)/' },
			to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only', 'npm'] },
		},
		{
			name: 'composition-is-the-top',
			comment:
				'src/app.ts puts the parts together, with src/engines.ts and src/work.ts: only src/main.ts and what stands outside of src/ import it.',
			severity: 'error',
			from: { path: '^(src|schema)/', pathNot: '^src/(app|engines|main|work)\\.ts$' },
			to: { path: '^src/(app|engines|main|work)\\.ts$' },
		},
		{
			name: 'only-the-composition-knows-the-server',
			comment: 'The edge is put in front by src/app.ts; nothing below knows of HTTP.',
			severity: 'error',
			from: { path: '^(src|schema)/', pathNot: '^src/(app\\.ts$|server/)' },
			to: { path: '^src/server/' },
		},
		{
			name: 'server-knows-services-by-type',
			comment: 'The edge gets its services handed; it calls no feature directly.',
			severity: 'error',
			from: { path: '^src/server/' },
			to: { path: feature, dependencyTypesNot: ['type-only'] },
		},
		{
			name: 'only-the-composition-knows-the-schema',
			comment: 'The schema stands above features and parts. The server knows its marks (schema/plugins), and gets the schema handed.',
			severity: 'error',
			from: { path: '^src/', pathNot: '^src/(app\\.ts$|server/)' },
			to: { path: '^schema/' },
		},
		{
			name: 'server-knows-marks-of-the-schema',
			comment: 'The edge serves any schema: it gets it handed, and reads its marks.',
			severity: 'error',
			from: { path: '^src/server/' },
			to: { path: '^schema/', pathNot: '^schema/plugins/' },
		},
		{
			name: 'resolvers-call-services',
			comment: 'A resolver calls one service with the viewer and the arguments; rows, jobs, events and files are the services’.',
			severity: 'error',
			from: { path: '^schema/' },
			to: { path: '^src/(database|events|jobs|net|storage)/' },
		},
		{
			name: 'features-meet-in-the-composition',
			comment: 'Features get each other as services. They may use the types of the ports listed above.',
			severity: 'error',
			from: { path: feature },
			to: { path: feature, pathNot: ['^src/$1/', files([...ports, ...functions])] },
		},
		{
			name: 'ports-are-types',
			comment: 'Of another feature only types, and the functions listed above.',
			severity: 'error',
			from: { path: feature },
			to: { path: files(ports), pathNot: ['^src/$1/', files(functions)], dependencyTypesNot: ['type-only'] },
		},
		{
			name: 'parts-know-no-feature',
			comment: 'Parts are what features stand on.',
			severity: 'error',
			from: { path: part },
			to: { path: [feature, '^schema/', '^src/(context|first-start)\\.ts$'] },
		},
		{
			name: 'words-and-errors-stand-alone',
			comment: 'Errors and their words are below everything.',
			severity: 'error',
			from: { path: '^src/(errors|messages\\.[a-z]+|version)\\.ts$' },
			to: { path: ['^src/', '^schema/'], pathNot: '^src/(errors|messages\\.[a-z]+)\\.ts$' },
		},
		{
			name: 'configuration-is-handed-on',
			comment: 'The environment is read once, by src/main.ts; below the composition, only the type of the configuration is known.',
			severity: 'error',
			from: { path: '^(src|schema)/', pathNot: '^src/(app|engines|main)\\.ts$' },
			to: { path: '^src/config\\.ts$', dependencyTypesNot: ['type-only'] },
		},
	],
	options: {
		doNotFollow: { path: 'node_modules' },
		tsPreCompilationDeps: true,
		tsConfig: { fileName: 'tsconfig.json' },
		detectProcessBuiltinModuleCalls: true,
		enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'require', 'node', 'default', 'types'] },
	},
}
