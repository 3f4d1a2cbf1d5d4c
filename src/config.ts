import path from 'node:path'
import { z } from 'zod'
import { type Trust, trustIn } from './limits/addresses.ts'
import type { PerMinute } from './limits/limits.ts'
import { type S3Place, s3PlaceIn } from './storage/s3/place.ts'

const text = z.string().min(1)
const port = z.coerce.number().int().min(0).max(65_535)
const duration = text.transform((value, context) => {
	const [, amount, unit] = /^(\d{1,9})(ms|s|m|h|d)$/.exec(value) ?? []
	const milliseconds = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }[unit ?? '']
	if (amount !== undefined && milliseconds !== undefined && Number(amount) > 0) return Number(amount) * milliseconds
	context.addIssue({ code: 'custom', message: 'a duration such as 500ms, 60s, 10m, 24h' })
	return z.NEVER
})
const bytes = text.transform((value, context) => {
	const [, amount, unit] = /^(\d{1,15})\s*(B|KiB|MiB|GiB)?$/.exec(value) ?? []
	const factor = { B: 1, KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30 }[unit ?? 'B']
	if (amount !== undefined && factor !== undefined && Number(amount) > 0) return Number(amount) * factor
	context.addIssue({ code: 'custom', message: 'a size such as 1048576, 512KiB, 100MiB' })
	return z.NEVER
})
const perMinute = z.coerce.number().int().min(0).max(1_000_000)
const trust = text.transform((value, context) => {
	const found = trustIn(value)
	if (found) return found
	context.addIssue({ code: 'custom', message: 'a number of proxies such as 1, or their addresses, such as loopback, 10.0.0.0/8' })
	return z.NEVER
})
const storage = text.transform((value, context) => {
	const found = s3PlaceIn(value)
	if (found) return found
	context.addIssue({
		code: 'custom',
		message: 'a URL such as s3://bucket/prefix?region=eu-central-1, or s3://key:secret@bucket?endpoint=http://minio:9000',
	})
	return z.NEVER
})
const origins = text.transform((value, context) => {
	const named = value.split(',').map((origin) => origin.trim())
	const wrong = named.find((origin) => origin !== '*' && !isOrigin(origin))
	if (wrong === undefined) return named
	context.addIssue({
		code: 'custom',
		message: `"${wrong}" is no origin; write them as https://app.example.com, separated by commas, or * for all`,
	})
	return z.NEVER
})
/** As browsers send it: no path, no default port, in lower case. Pages of applications have schemes of their own. */
const isOrigin = (text: string): boolean =>
	URL.canParse(text) && (/^https?:/i.test(text) ? new URL(text).origin === text : /^[a-z][a-z\d+.-]*:\/\/[^/?#\s]*$/.test(text))
const baseUrl = z
	.url({ protocol: /^https?$/, error: 'an http or https URL' })
	.regex(/^[^@?#]*$/, 'a URL without a password, a query or a fragment')
const flag = z.enum(['true', 'false']).transform((value) => value === 'true')
const secret = z.string().min(32, 'at least 32 characters')

/** Every variable that the server reads. Descriptions and defaults become `.env.example`. */
export const variables = z.object({
	PORT: port.default(3001).describe('Port of HTTP and WebSocket; 0 takes a free one.'),
	HOST: text.default('127.0.0.1').describe('Address to listen on; 0.0.0.0 for all.'),
	DATA_DIR: text.default('./data').describe('Folder of the embedded database, files, models and generated keys.'),
	ADMIN_USERNAME: text.max(64).normalize('NFC').default('admin').describe('Name of the first admin, made at the first start.'),
	ADMIN_PASSWORD: text.max(256).optional().describe('Password of the first admin; without it a random one is printed once.'),
	JWT_SECRET: secret.optional().describe('Key that signs tokens; without it one is made in DATA_DIR. Required with DATABASE_URL.'),
	SETTINGS_KEY: secret
		.optional()
		.describe('Key that seals API keys in the database; without it one is made in DATA_DIR. Required with DATABASE_URL.'),
	TOKEN_TTL: duration.prefault('24h').describe('How long a token is valid.'),
	DATABASE_URL: z
		.url({ protocol: /^postgres(ql)?$/, error: 'a URL such as postgresql://user:password@host/database' })
		.optional()
		.describe('PostgreSQL instead of the embedded database. Its index is Milvus, or the extension pg_textsearch where the server has it.'),
	MILVUS_ADDRESS: z
		.string()
		.regex(/^(https?:\/\/)?([\w.-]+|\[[\da-f:]+\])(:\d{1,5})?$/i, 'an address such as 127.0.0.1:19530 or https://host:443')
		.optional()
		.describe('Milvus instead of the index in the database.'),
	MILVUS_TOKEN: text.optional().describe('`user:password` or API key of Milvus.'),
	REDIS_URL: z
		.url({ protocol: /^rediss?$/, error: 'a URL such as redis://user:password@host:6379/0' })
		.optional()
		.describe('Redis: lets several processes follow the same answers and hear of each other. Without it there is one process.'),
	STORAGE_URL: storage
		.optional()
		.describe(
			'Files of documents in S3 instead of DATA_DIR/files: s3://bucket/prefix?region=…&endpoint=… (endpoint: of what is not AWS; pathStyle=true|false). Credentials as s3://key:secret@bucket, or as the AWS SDK finds them: AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, a profile, a role.',
		),
	ROLE: z
		.enum(['all', 'api', 'worker'])
		.default('all')
		.describe('`api` answers, `worker` processes documents, `all` does both. Others than `all` need DATABASE_URL and REDIS_URL.'),
	LLM_PROVIDER: z
		.enum(['extractive', 'openai', 'anthropic'])
		.default('extractive')
		.describe(
			'Who answers until an admin sets it (PUT /api/system/settings); `extractive` quotes the documents and needs no key, `openai` is any OpenAI-compatible endpoint.',
		),
	LLM_MODEL: text.optional().describe('Model of the provider; without it its default.'),
	LLM_API_KEY: text.optional().describe('Key of the provider.'),
	LLM_BASE_URL: baseUrl.optional().describe('Endpoint of the provider, for one that is not the vendor’s own.'),
	EMBEDDING_PROVIDER: z
		.enum(['local', 'openai', 'ollama', 'jina', 'voyage', 'dashscope', 'zhipu', 'mistral', 'siliconflow', 'gemini'])
		.default('local')
		.describe(
			'Who makes vectors of texts until an admin sets it; `local` needs no key and reads English, `openai` with EMBEDDING_BASE_URL is any OpenAI-compatible endpoint.',
		),
	EMBEDDING_MODEL: text.optional().describe('Embedding model of that provider; without it its default.'),
	EMBEDDING_API_KEY: text.optional().describe('Key of that provider.'),
	EMBEDDING_BASE_URL: baseUrl.optional().describe('Endpoint of that provider, for one that is not the vendor’s own.'),
	RERANKING_PROVIDER: z
		.enum(['none', 'jina', 'cohere', 'voyage', 'dashscope', 'zhipu', 'siliconflow'])
		.default('none')
		.describe(
			'Who puts in order what workspaces find that want it so, until an admin sets it; `jina` with RERANKING_BASE_URL is any endpoint that speaks the same.',
		),
	RERANKING_MODEL: text.optional().describe('Reranking model of that provider; without it its default.'),
	RERANKING_API_KEY: text.optional().describe('Key of that provider.'),
	RERANKING_BASE_URL: baseUrl.optional().describe('Endpoint of that provider, for one that is not the vendor’s own.'),
	UPLOAD_MAX_BYTES: bytes.prefault('100MiB').describe('Largest file that is accepted.'),
	PARSE_TIMEOUT: duration.prefault('60s').describe('Longest time that reading one file may take.'),
	RUN_TIMEOUT: duration.prefault('10m').describe('Longest time that one answer may take.'),
	RATE_LIMIT_AUTH: perMinute.default(10).describe('Attempts to sign in that an address has a minute; 0: any number, here and below.'),
	RATE_LIMIT_CHAT: perMinute.default(30).describe('Questions that a user may ask a minute.'),
	RATE_LIMIT_UPLOAD: perMinute.default(5).describe('Files that a user may upload a minute.'),
	RATE_LIMIT_DEFAULT: perMinute.default(100).describe('All other calls of a user a minute; without a user, of an address.'),
	TRUST_PROXY: trust
		.optional()
		.describe(
			'Proxies whose X-Forwarded-For is believed: how many stand before this server (1), or their addresses, networks, and the names loopback, linklocal, uniquelocal (loopback, 10.0.0.0/8). Without it none is.',
		),
	CORS_ORIGINS: origins
		.optional()
		.describe(
			'Origins whose pages may call, separated by commas (https://app.example.com, http://localhost:5173); * for all. Without it pages of this server alone.',
		),
	GRAPHQL_INTROSPECTION: flag
		.prefault('true')
		.describe('Whether GraphQL clients may read the schema. Without it errors suggest no names either.'),
	GRAPHIQL: flag.prefault('true').describe('Whether a browser finds GraphiQL at /graphql; it needs GRAPHQL_INTROSPECTION.'),
	METRICS_TOKEN: text.optional().describe('Bearer token of /metrics; without it /metrics answers this machine alone.'),
	LOG_LEVEL: z
		.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'])
		.default('info')
		.describe('Least severe log line shown.'),
	LOG_FORMAT: z.enum(['json', 'pretty']).optional().describe('Without it: pretty in a terminal, json elsewhere.'),
})

interface ProviderConfig<Name> {
	provider: Name
	model: string | undefined
	apiKey: string | undefined
	baseUrl: string | undefined
}

/** The configuration, typed once and passed on. Durations are milliseconds, sizes bytes. */
export interface Config {
	server: { port: number; host: string }
	dataDirectory: string
	admin: { username: string; password: string | undefined }
	jwtSecret: string | undefined
	settingsKey: string | undefined
	tokenTtlMs: number
	databaseUrl: string | undefined
	milvus: { address: string; token: string | undefined } | undefined
	redisUrl: string | undefined
	/** Undefined: in the data directory. */
	storage: S3Place | undefined
	role: 'all' | 'api' | 'worker'
	limits: PerMinute
	trustProxy: Trust | undefined
	corsOrigins: readonly string[]
	graphql: { introspection: boolean; graphiql: boolean }
	metricsToken: string | undefined
	model: ProviderConfig<'extractive' | 'openai' | 'anthropic'>
	embedding: ProviderConfig<string>
	reranking: ProviderConfig<string>
	uploadMaxBytes: number
	parseTimeoutMs: number
	runTimeoutMs: number
	log: { level: string; format: 'json' | 'pretty' }
}

/** Names every wrong variable in one message. The process ends with status 2. */
export class ConfigError extends Error {}

/** @throws ConfigError naming every variable that is wrong. An empty variable counts as unset. */
export function readConfig(environment: NodeJS.ProcessEnv): Config {
	const given = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ''))
	const result = variables.safeParse(given)
	const invalid = result.success ? [] : result.error.issues.map(({ path: [name], message }) => `${String(name)}: ${message}`)
	const wrong = [...invalid, ...missing(given)]
	if (!result.success || wrong.length > 0)
		throw new ConfigError(`The configuration is wrong:\n${wrong.map((line) => `  ${line}`).join('\n')}`)
	return typed(result.data)
}

/** What is required because of something else that is given. */
function missing(given: NodeJS.ProcessEnv): string[] {
	const { DATABASE_URL, ROLE = 'all', LLM_PROVIDER } = given
	const shared = ROLE === 'all' ? [] : ['DATABASE_URL', 'REDIS_URL'].filter((name) => !given[name])
	const secrets = DATABASE_URL ? ['JWT_SECRET', 'SETTINGS_KEY'].filter((name) => !given[name]) : []
	const needsKey = LLM_PROVIDER === 'openai' || LLM_PROVIDER === 'anthropic'
	const { EMBEDDING_PROVIDER: embedder = 'local', RERANKING_PROVIDER: reranker = 'none' } = given
	const hasNone = (group: 'LLM' | 'EMBEDDING' | 'RERANKING') => !given[`${group}_API_KEY`] && !given[`${group}_BASE_URL`]
	const ofTheRemote =
		embedder !== 'local' ? [] : ['EMBEDDING_MODEL', 'EMBEDDING_API_KEY', 'EMBEDDING_BASE_URL'].filter((name) => given[name])
	return [
		...shared.map((name) => `${name}: required with ROLE=${ROLE}, whose processes share it`),
		...secrets.map((name) => `${name}: required with DATABASE_URL, so that all processes share it`),
		...(needsKey && hasNone('LLM') ? [`LLM_API_KEY: required for ${LLM_PROVIDER}`] : []),
		...(embedder !== 'local' && embedder !== 'ollama' && hasNone('EMBEDDING')
			? [`EMBEDDING_API_KEY: required for EMBEDDING_PROVIDER=${embedder}`]
			: []),
		...(reranker !== 'none' && hasNone('RERANKING') ? [`RERANKING_API_KEY: required for RERANKING_PROVIDER=${reranker}`] : []),
		...ofTheRemote.map(
			(name) => `${name}: only for another EMBEDDING_PROVIDER; the local embedder has one model, and takes no key and no address`,
		),
	]
}

function typed(value: z.infer<typeof variables>): Config {
	return {
		server: { port: value.PORT, host: value.HOST },
		dataDirectory: path.resolve(value.DATA_DIR),
		admin: { username: value.ADMIN_USERNAME, password: value.ADMIN_PASSWORD },
		jwtSecret: value.JWT_SECRET,
		settingsKey: value.SETTINGS_KEY,
		tokenTtlMs: value.TOKEN_TTL,
		databaseUrl: value.DATABASE_URL,
		milvus: value.MILVUS_ADDRESS ? { address: value.MILVUS_ADDRESS, token: value.MILVUS_TOKEN } : undefined,
		redisUrl: value.REDIS_URL,
		storage: value.STORAGE_URL,
		role: value.ROLE,
		limits: {
			auth: value.RATE_LIMIT_AUTH,
			chat: value.RATE_LIMIT_CHAT,
			upload: value.RATE_LIMIT_UPLOAD,
			default: value.RATE_LIMIT_DEFAULT,
		},
		trustProxy: value.TRUST_PROXY,
		corsOrigins: value.CORS_ORIGINS ?? [],
		graphql: { introspection: value.GRAPHQL_INTROSPECTION, graphiql: value.GRAPHIQL },
		metricsToken: value.METRICS_TOKEN,
		model: { provider: value.LLM_PROVIDER, model: value.LLM_MODEL, apiKey: value.LLM_API_KEY, baseUrl: value.LLM_BASE_URL },
		embedding: {
			...{ provider: value.EMBEDDING_PROVIDER, model: value.EMBEDDING_MODEL },
			...{ apiKey: value.EMBEDDING_API_KEY, baseUrl: value.EMBEDDING_BASE_URL },
		},
		reranking: {
			...{ provider: value.RERANKING_PROVIDER, model: value.RERANKING_MODEL },
			...{ apiKey: value.RERANKING_API_KEY, baseUrl: value.RERANKING_BASE_URL },
		},
		uploadMaxBytes: value.UPLOAD_MAX_BYTES,
		parseTimeoutMs: value.PARSE_TIMEOUT,
		runTimeoutMs: value.RUN_TIMEOUT,
		log: { level: value.LOG_LEVEL, format: value.LOG_FORMAT ?? (process.stdout.isTTY ? 'pretty' : 'json') },
	}
}

/** The environment, with what `.env` in the working directory adds to it. */
export function environment(): NodeJS.ProcessEnv {
	try {
		process.loadEnvFile()
	} catch (error) {
		if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error
	}
	return process.env
}
