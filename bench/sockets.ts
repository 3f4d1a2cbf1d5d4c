import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Server, startServer } from './child.ts'
import { signIn } from './client.ts'
import type { Held, Order, Reached } from './holder.ts'
import { repeat } from './measure.ts'
import { withPlace } from './place.ts'
import type { Row } from './row.ts'

const SOCKETS = 10_000
/** As many as one user may have. */
const EACH = 50
/** Opened and closed first: what the first ones cost is not what each costs. */
const FIRST_USERS = 10
const REST_MS = 10_000

/** What sockets cost that are signed in and say nothing, and what a subscription of each adds. */
export const sockets = (): Promise<Row[]> =>
	withPlace(async (place) => {
		const server = await startServer({ kind: 'product', place })
		const tokens = await users(server.url, SOCKETS / EACH)
		const first = await hold({ url: server.url, tokens: tokens.slice(0, FIRST_USERS), each: EACH })
		await told(first, 'subscribe', 'subscribed')
		await stop(first)
		await sleep(1_000) // until the server has noticed
		const none = await memory(server)
		const holder = await hold({ url: server.url, tokens, each: EACH })
		const open = await memory(server)
		const before = await server.usage()
		await sleep(REST_MS)
		const after = await server.usage()
		await told(holder, 'subscribe', 'subscribed')
		const subscribed = await memory(server)
		await Promise.all([stop(holder), server.stop()])
		return [
			{ what: `${SOCKETS} idle WebSockets, memory of one`, value: (open - none) / SOCKETS / 1_024, unit: 'KB', target: '<= 30' },
			{ what: 'an idle subscription on one', value: (subscribed - open) / SOCKETS / 1_024, unit: 'KB', target: '<= 30' },
			{ what: 'all of them, idle', value: (after.cpuMicros - before.cpuMicros) / REST_MS / 10, unit: '% of a core' },
		]
	})

/** @returns a token of each of so many users. */
async function users(url: string, count: number): Promise<string[]> {
	const admin = await signIn(url)
	const { workspaces } = await admin.get('/workspaces')
	const [{ slug } = { slug: '' }] = workspaces as { slug: string }[]
	const tokens: string[] = []
	await repeat(count, 2, async (at) => {
		const username = `user-${at}`
		const { user } = await admin.post('/users', { username, password: 'password', role: 'user' })
		await admin.post(`/workspaces/${slug}/members`, { userId: (user as { id: number }).id, role: 'viewer' })
		tokens.push((await signIn(url, username)).token)
	})
	return tokens
}

/** Resident memory once what is not needed is given back. */
async function memory(server: Server): Promise<number> {
	return (await server.collect()).rssBytes
}

async function hold(held: Held): Promise<ChildProcess> {
	const holder = fork(new URL('./holder.ts', import.meta.url), [JSON.stringify(held)], {
		execArgv: ['--disable-warning=ExperimentalWarning'],
		stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
	})
	await reached(holder, 'open')
	return holder
}

async function told(holder: ChildProcess, order: Order, goal: Reached): Promise<void> {
	holder.send(order)
	await reached(holder, goal)
}

async function reached(holder: ChildProcess, goal: Reached): Promise<void> {
	const over = new AbortController()
	const [what] = (await Promise.race([once(holder, 'message', over), once(holder, 'exit', over)])) as [unknown]
	over.abort()
	if (what !== goal) throw new Error(`whoever holds the sockets ended before it was ${goal}`)
}

async function stop(holder: ChildProcess): Promise<void> {
	const ended = once(holder, 'exit')
	holder.disconnect()
	await ended
}
