/**
 * A server under test, in a process of its own: `bare` answers the same JSON with node:http alone, `product` is the application with a model
 * that answers at once. It tells its port, and when asked what processor time and memory it has used.
 */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createApp } from '../src/app.ts'
import { readConfig } from '../src/config.ts'
import type { ChatModel } from '../src/models/model.ts'

/** What the processes of a benchmark say to each other. */
export type Question = 'usage' | 'stop'
export type Reply = { port: number } | { cpuMicros: number; rssBytes: number }

const [kind, directory = ''] = process.argv.slice(2)
const stub: ChatModel = {
	provider: 'stub',
	model: 'stub',
	async *stream() {
		for (let word = 0; word < 20; word++) yield { type: 'text', text: `word ${word} ` }
		yield { type: 'finish', reason: 'stop', usage: { promptTokens: 0, completionTokens: 20, totalTokens: 20, estimated: false } }
	},
}

const stop = kind === 'bare' ? await serveBare(directory) : await serveProduct()
process.on('message', (question: Question) => {
	if (question === 'stop') void stop().then(() => process.exit(0))
	else {
		const { user, system } = process.cpuUsage()
		reply({ cpuMicros: user + system, rssBytes: process.memoryUsage.rss() })
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

async function serveProduct(): Promise<() => Promise<void>> {
	const config = readConfig({ DATA_DIR: directory, PORT: '0', ADMIN_PASSWORD: 'password', LOG_LEVEL: 'warn' })
	const app = await createApp(config, { model: stub })
	reply({ port: await app.start() })
	return app.stop
}
