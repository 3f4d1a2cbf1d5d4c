/**
 * A server under test, in a process of its own: `bare` answers the same JSON with node:http alone, `product` is the application with a model
 * that answers at once. It tells its port, and when asked what processor time and memory it has used, and how long its event loop was held.
 */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { createApp } from '../src/app.ts'
import { collectGarbage } from '../src/collect.ts'
import { readConfig } from '../src/config.ts'
import { UNLIMITED } from '../test/support/config.ts'
import { embedderOf, model } from './stubs.ts'
import type { Question, Reply, Subject } from './subject.ts'

const RESOLUTION_MS = 10
const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS })
delay.enable()
const subject = JSON.parse(process.argv[2] ?? '') as Subject

const stop = subject.kind === 'bare' ? await serveBare(subject.text) : await serveProduct(subject)
process.on('message', (question: Question) => {
	if (question === 'stop') void stop().then(() => process.exit(0))
	else {
		if (question === 'collect') {
			collectGarbage()
			delay.reset()
		}
		const { user, system } = process.cpuUsage()
		reply({ cpuMicros: user + system, rssBytes: process.memoryUsage.rss(), stallMs: delay.max / 1e6 - RESOLUTION_MS })
	}
})
process.on('disconnect', () => process.exit(1))

function reply(message: Reply): void {
	process.send?.(message)
}

/** Answers everything with one text. */
async function serveBare(text: string): Promise<() => Promise<void>> {
	const server = createServer((request, response) => {
		request.resume().on('end', () => response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(JSON.parse(text))))
	})
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
	reply({ port: (server.address() as AddressInfo).port })
	return async () => void server.close()
}

async function serveProduct({ place, role, embedder }: Subject & { kind: 'product' }): Promise<() => Promise<void>> {
	const own = { DATA_DIR: place.directory, PORT: '0', ADMIN_PASSWORD: 'password', LOG_LEVEL: 'warn', ROLE: role ?? 'all', ...UNLIMITED }
	const app = await createApp(readConfig({ ...own, ...place.environment }), {
		model,
		...(embedder && { embedder: await embedderOf(embedder, place.directory) }),
	})
	reply({ port: await app.start() })
	return app.stop
}
