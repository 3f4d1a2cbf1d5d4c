import { createApp } from './app.ts'
import { collectGarbage } from './collect.ts'
import { type Config, ConfigError, environment, readConfig } from './config.ts'
import { LockedError } from './database/lock.ts'
import { UnreachableError } from './database/postgres.ts'

/** Longer than everything that stopping waits for. */
const STOP_MS = 40_000
/** Signals of one key or one command arrive within this time. */
const SAME_SIGNAL_MS = 1_000

const config = configured()
const app = await createApp(config).catch(giveUp)
if (config.databaseUrl) collectGarbage() // several processes share a machine
const port = await app.start().catch(giveUp)
greet()
let stoppingSince: number | undefined
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => void stop(signal))

function configured(): Config {
	try {
		return readConfig(environment())
	} catch (error) {
		return giveUp(error)
	}
}

/** Ends with 2 for a wrong configuration, with 1 for anything else. */
function giveUp(error: unknown): never {
	const known = [ConfigError, LockedError, UnreachableError]
	const isKnown = known.some((kind) => error instanceof kind) || isPortTaken(error)
	console.error(isKnown && error instanceof Error ? error.message : error)
	process.exit(error instanceof ConfigError ? 2 : 1)
}

function isPortTaken(error: unknown): boolean {
	return error instanceof Error && 'code' in error && error.code === 'EADDRINUSE'
}

async function stop(signal: 'SIGTERM' | 'SIGINT'): Promise<void> {
	if (stoppingSince !== undefined) {
		// a second Ctrl-C does not wait; one that npm passed on as well as the terminal is not a second one
		if (signal === 'SIGINT' && performance.now() - stoppingSince > SAME_SIGNAL_MS) process.exit(1)
		return
	}
	stoppingSince = performance.now()
	setTimeout(() => giveUp(new Error('The server did not stop in time.')), STOP_MS).unref()
	await app.stop().catch(giveUp)
	process.exit(0)
}

function greet(): void {
	const url = `http://${config.server.host.includes(':') ? `[${config.server.host}]` : config.server.host}:${port}`
	const { username, password } = app.admin ?? { username: config.admin.username, password: null }
	const admin = password === null ? [] : [`Admin      ${username} / ${password}        (shown once: keep it)`]
	const api = [
		`GraphQL    ${url}/graphql`,
		`REST       ${url}/api        (documentation: ${url}/api/docs)`,
		...admin,
		'Try it:',
		`  curl -X POST ${url}/api/auth/login -H 'Content-Type: application/json' -d '{"username":"${username}","password":"${password ?? '<password>'}"}'`,
	]
	const worker = [`Worker     ${url}/health/ready`, ...admin]
	const lines = config.role === 'worker' ? worker : api
	console.log(`\n${lines.join('\n')}\n`)
}
