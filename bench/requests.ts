import { setTimeout as sleep } from 'node:timers/promises'
import { hashPassword, isPassword } from '../src/auth/passwords.ts'
import { startServer } from './child.ts'
import { type Client, signIn } from './client.ts'
import { load, median, repeat } from './measure.ts'
import { withPlace } from './place.ts'
import type { Row } from './row.ts'

const ROUNDS = 3
const PASSWORDS = 40
/** Between two writes. */
const WRITE_MS = 5
/** By then the database has tidied up after the writes of a round. */
const REST_MS = 8_000
const QUERY =
	'query ($slug: String!) { workspace(slug: $slug) { id name slug description mode createdAt updatedAt documents(first: 1000) { edges { node { id filename status } } } threads(first: 1000) { edges { node { id title } } } } }'

/**
 * Processor time of reading one workspace over both surfaces, beside a server that does nothing but answer; the same while others write, so that little
 * of what was read is kept; a list of 300; and signing in, beside argon2.
 */
export const requests = (): Promise<Row[]> =>
	withPlace(async (place) => {
		const product = await startServer({ kind: 'product', place })
		const client = await signIn(product.url)
		for (let at = 0; at < 300; at++) await client.post('/workspaces', { name: `Workspace ${at}`, slug: `workspace-number-${at}` })
		const path = '/api/workspaces/workspace-number-7'
		const answer = await (await fetch(product.url + path, { headers: client.headers })).text()
		const bare = await startServer({ kind: 'bare', text: answer })
		const { headers } = client
		const graphql = {
			path: '/graphql',
			method: 'POST',
			body: JSON.stringify({ query: QUERY, variables: { slug: 'workspace-number-7' } }),
		} as const
		const signingIn = {
			path: '/api/auth/login',
			method: 'POST',
			headers: { 'content-type': 'application/json' },
			body: JSON.stringify({ username: 'admin', password: 'password' }),
		} as const
		const rounds: Record<'bare' | 'rest' | 'written' | 'verify' | 'graphql' | 'list' | 'login', Awaited<ReturnType<typeof load>>>[] = []
		const argon2: number[] = []
		for (let round = 0; round < ROUNDS; round++) {
			await sleep(REST_MS)
			rounds.push({
				bare: await load(bare, { path }),
				rest: await load(product, { path, headers }),
				verify: await load(product, { path: '/api/auth/verify', headers }),
				graphql: await load(product, { ...graphql, headers: { ...headers, 'content-type': 'application/json' } }),
				list: await load(product, { path: '/api/workspaces', headers }),
				written: await whileWriting(client, () => load(product, { path, headers })),
				login: await load(product, { ...signingIn, connections: 2, warmUp: 150 }),
			})
			argon2.push(await argon2Micros())
		}
		await Promise.all([bare.stop(), product.stop()])
		const cpu = (name: keyof (typeof rounds)[0]) => median(rounds.map((round) => round[name].cpuMicros))
		const times = (name: keyof (typeof rounds)[0]) => cpu(name) / cpu('bare')
		return [
			{ what: 'bare node:http, CPU a request', value: cpu('bare'), unit: 'us' },
			{ what: 'GET one workspace, CPU a request', value: cpu('rest'), unit: 'us' },
			{ what: 'GET one workspace, times bare', value: times('rest'), unit: 'x', target: '<= 6' },
			{ what: `the same, with a change of another one every ${WRITE_MS} ms and its cost`, value: times('written'), unit: 'x' },
			{ what: 'POST /graphql of the same, CPU a request', value: cpu('graphql'), unit: 'us' },
			{ what: 'POST /graphql of the same, times bare', value: times('graphql'), unit: 'x', target: '<= 7' },
			{ what: 'GET /auth/verify, times bare', value: times('verify'), unit: 'x' },
			{ what: 'list of 300 workspaces', value: median(rounds.map(({ list }) => list.perSecond)), unit: 'req/s', target: '>= 200' },
			{ what: 'POST /auth/login, CPU a request', value: cpu('login'), unit: 'us' },
			{ what: 'POST /auth/login, times argon2 alone', value: cpu('login') / median(argon2), unit: 'x' },
		]
	})

async function whileWriting<Result>(client: Client, work: () => Promise<Result>): Promise<Result> {
	let isOver = false
	const writing = (async () => {
		for (let at = 0; !isOver; at++) {
			await client.put('/workspaces/workspace-number-8', { name: `Workspace ${at}` })
			await sleep(WRITE_MS)
		}
	})()
	const result = await work()
	isOver = true
	await writing
	return result
}

/** Processor time of looking at one password. */
async function argon2Micros(): Promise<number> {
	const hash = await hashPassword('password')
	const before = process.cpuUsage()
	await repeat(PASSWORDS, 2, () => isPassword('password', hash))
	const { user, system } = process.cpuUsage(before)
	return (user + system) / PASSWORDS
}
