import { startServer } from './child.ts'
import { type Client, signIn } from './client.ts'
import { load, median } from './measure.ts'
import { embedded, isOnPostgres, type Place, withPlace } from './place.ts'
import type { Row } from './row.ts'

const ROUNDS = 3
const CONNECTIONS = 8
const SLUG = 'workspace-number-7'
const requests = {
	'GET one workspace': { path: `/api/workspaces/${SLUG}` },
	'GET 100 workspaces': { path: '/api/workspaces' },
	'PUT one workspace': { path: `/api/workspaces/${SLUG}`, method: 'PUT', body: JSON.stringify({ description: 'new' }) },
} as const

/** Requests that search nothing, 8 at once: on PostgreSQL, beside the embedded database in the same run, which keeps what it was asked for. */
export async function engines(): Promise<Row[]> {
	if (!isOnPostgres) return []
	return withPlace((place) => embedded((embeddedPlace) => compared(place, embeddedPlace)))
}

async function compared(...places: [Place, Place]): Promise<Row[]> {
	const servers = await Promise.all(places.map((place) => startServer({ kind: 'product', place })))
	const clients = await Promise.all(servers.map(({ url }) => signIn(url)))
	await Promise.all(clients.map(fill))
	const rows: Row[] = []
	for (const [what, { path, ...request }] of Object.entries(requests)) {
		const perSecond = servers.map((): number[] => [])
		for (let round = 0; round < ROUNDS; round++) {
			for (const [at, server] of servers.entries()) {
				const headers = { ...clients[at]?.headers, 'content-type': 'application/json' }
				perSecond[at]?.push((await load(server, { path, ...request, headers, connections: CONNECTIONS })).perSecond)
			}
		}
		const [postgres, besides] = perSecond.map(median)
		if (postgres === undefined || besides === undefined) throw new Error('nothing was measured')
		rows.push(
			{ what: `${what}, c=${CONNECTIONS}, PostgreSQL`, value: postgres, unit: 'req/s' },
			{ what: 'the same, embedded', value: besides, unit: 'req/s' },
			{
				what: 'the same, PostgreSQL times embedded',
				value: postgres / besides,
				unit: 'x',
				...(what.startsWith('PUT') && { target: '>= 1' as const }),
			},
		)
	}
	await Promise.all(servers.map((server) => server.stop()))
	return rows
}

async function fill(client: Client): Promise<void> {
	for (let at = 0; at < 100; at++) await client.post('/workspaces', { name: `Workspace ${at}`, slug: `workspace-number-${at}` })
}
