/**
 * `npm run fuzz`: schemathesis against a server of its own. It sends what schema/openapi.json allows and what it does not, and fails for an
 * answer that the document does not tell of. Options go on to `st run`, as in `npm run fuzz -- -n 100`. The program is TEST_SCHEMATHESIS_BIN,
 * or `st` in PATH (`pip install schemathesis==4.32.5`).
 */
import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { createApp } from '../src/app.ts'
import { readConfig } from '../src/config.ts'

const PASSWORD = 'a password for schemathesis'
const NO_LIMITS = { RATE_LIMIT_AUTH: '0', RATE_LIMIT_CHAT: '0', RATE_LIMIT_UPLOAD: '0', RATE_LIMIT_DEFAULT: '0' }
/** Whoever comes after them has an id that no generator thinks of first. */
const USERS_BEFORE = 10
/** Last, and alone: with another model provider no question is answered. */
const LAST = 'updateSettings'
/** What has no end; schemathesis reads answers whole. */
const ENDLESS = ['documentEvents', 'workspaceEvents']

const root = path.resolve(import.meta.dirname, '..')
const folder = path.join(root, 'test/schemathesis')
const directory = await mkdtemp(path.join(tmpdir(), 'fuzz-'))
const config = readConfig({
	DATA_DIR: directory,
	PORT: '0',
	ADMIN_PASSWORD: PASSWORD,
	LOG_LEVEL: 'error',
	LOG_FORMAT: 'json',
	...NO_LIMITS,
})
const app = await createApp(config, { durable: false })
try {
	for (let index = 1; index <= USERS_BEFORE; index++) await app.services.users.create({ username: `user ${index}`, password: PASSWORD })
	const url = `http://127.0.0.1:${await app.start()}/api`
	const runs = [
		['--exclude-operation-id', LAST, ...ENDLESS.flatMap((name) => ['--exclude-operation-id', name])],
		['--include-operation-id', LAST],
	]
	for (const which of runs) if ((await schemathesis(url, which, await makeAdmin())) !== 0) process.exitCode = 1
} finally {
	await app.stop()
	await rm(directory, { recursive: true })
}

/** One for each run, for runs change users too. */
async function makeAdmin(): Promise<string> {
	const username = `schemathesis ${randomUUID()}`
	await app.services.users.create({ username, password: PASSWORD, role: 'admin' })
	return username
}

function schemathesis(url: string, which: readonly string[], username: string): Promise<number | null> {
	const asked = process.argv.slice(2)
	const options = ['--config-file', 'schemathesis.toml', 'run', '../../schema/openapi.json', '--url', url, '--seed', '1', ...which]
	const child = spawn(process.env['TEST_SCHEMATHESIS_BIN'] ?? 'st', [...options, ...asked], {
		cwd: folder,
		stdio: ['ignore', 'inherit', 'inherit'],
		env: { ...process.env, SCHEMATHESIS_URL: url, SCHEMATHESIS_USERNAME: username, SCHEMATHESIS_PASSWORD: PASSWORD },
	})
	return new Promise((resolve, reject) => {
		child.once('error', reject)
		child.once('close', resolve)
	})
}
