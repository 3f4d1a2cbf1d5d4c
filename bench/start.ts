import { spawn } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { signIn } from './client.ts'
import { load, median } from './measure.ts'
import { isOnPostgres, type Place, withPlace } from './place.ts'
import { residentMb } from './processes.ts'
import type { Row } from './row.ts'

const MAIN = path.resolve(import.meta.dirname, '../src/main.ts')
/** The flags of `npm start`. */
const FLAGS = ['--disable-warning=ExperimentalWarning', '--max-semi-space-size=8']
const WARM_STARTS = 5
const REST_MS = 30_000

/** From spawn to the first answer, on a new data directory and on one that was used; memory at rest and after load. */
export const start = (): Promise<Row[]> =>
	withPlace(async (place) => {
		const cold = await boot(place)
		await cold.stop()
		const warm: number[] = []
		for (let at = 0; at < WARM_STARTS; at++) {
			const server = await boot(place)
			warm.push(server.ms)
			await server.stop()
		}
		const server = await boot(place)
		await sleep(REST_MS)
		const idle = await residentMb(server.pid)
		const { headers } = await signIn(server.url)
		await load(
			{ url: server.url, usage: async () => ({ cpuMicros: 0, rssBytes: 0, stallMs: 0 }) },
			{ path: '/api/workspaces', headers, seconds: 10 },
		)
		await sleep(5_000)
		const loaded = await residentMb(server.pid)
		await server.stop()
		return [
			{ what: 'start, cold', value: cold.ms / 1_000, unit: 's', target: '<= 6' },
			{ what: 'start, warm', value: median(warm) / 1_000, unit: 's', target: '<= 1.5' },
			{ what: `memory (RSS), idle for ${REST_MS / 1_000} s`, value: idle, unit: 'MB', target: isOnPostgres ? '<= 250' : '<= 400' },
			{ what: 'memory (RSS), after 10 s of load', value: loaded, unit: 'MB', target: '<= 550' },
		]
	})

async function boot({ directory, environment }: Place) {
	const begin = performance.now()
	const child = spawn(process.execPath, [...FLAGS, MAIN], {
		env: { ...process.env, ...environment, DATA_DIR: directory, PORT: '0', ADMIN_PASSWORD: 'password', LOG_LEVEL: 'warn' },
		stdio: ['ignore', 'pipe', 'inherit'],
	})
	for await (const line of createInterface(child.stdout)) {
		const [url] = /http:\/\/[\d.]+:\d+/.exec(line) ?? []
		if (!url) continue
		await fetch(`${url}/health/ready`)
		const ms = performance.now() - begin
		return {
			url,
			ms,
			pid: child.pid ?? 0,
			async stop() {
				const ended = once(child, 'exit')
				child.kill('SIGTERM')
				await ended
			},
		}
	}
	throw new Error('the server did not start')
}
