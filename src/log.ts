import { createRequire } from 'node:module'
import { type DestinationStream, type Logger, pino } from 'pino'

export type { Logger }

/** Paths whose values never reach a log line. */
const SECRETS = ['password', 'token', 'apiKey', 'secret', 'authorization', 'jwtSecret', 'databaseUrl'].flatMap((name) => [
	name,
	`*.${name}`,
	`*.*.${name}`,
])

/** Structured lines on standard output; `pretty` is for people. Secrets are redacted by name. */
export function createLog({ level, format }: { level: string; format: 'json' | 'pretty' }, destination?: DestinationStream): Logger {
	const options = { level, redact: { paths: SECRETS, censor: '[redacted]' }, base: null }
	const pretty = () => createRequire(import.meta.url)('pino-pretty') as typeof import('pino-pretty') // 11 MB, for people alone
	return format === 'pretty'
		? pino(options, pretty()({ colorize: process.stdout.isTTY, sync: true, singleLine: true }))
		: pino(options, destination ?? process.stdout)
}
