import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bootApp, type TestApp } from '../support/app.ts'
import { createDictatedModel } from '../support/model.ts'
import { CHAT_SUBSCRIPTION } from '../support/operations.ts'
import { heard, transports } from '../support/transports.ts'

const slug = 'default-workspace'

let app: TestApp
let admin: string
beforeAll(async () => {
	app = await bootApp({ model: createDictatedModel() })
	admin = await app.tokenOf('admin')
})
afterAll(() => app.end())

/** The row of a run that another process has, which counts as alive for so many seconds. */
async function runElsewhere(requestId: string, aliveSeconds: number): Promise<string> {
	const user = await app.prisma.user.findUniqueOrThrow({ where: { username: 'admin' } })
	const workspace = await app.prisma.workspace.findUniqueOrThrow({ where: { slug } })
	const common = { workspaceId: workspace.id, userId: user.id }
	const thread = await app.prisma.thread.create({ data: { id: `thread-${requestId}`, title: 'elsewhere', ...common } })
	const { id } = await app.prisma.run.create({
		data: {
			...{ ...common, id: `run-${requestId}`, threadId: thread.id, requestId, message: 'What goes on elsewhere?', mode: 'chat' },
			...{ status: 'running', provider: 'x', model: 'x', leaseUntil: new Date(Date.now() + aliveSeconds * 1_000) },
		},
	})
	return id
}

describe.each(transports)('a run of another process over $name', (transport) => {
	const follow = (requestId: string) =>
		transport.follow(app, CHAT_SUBSCRIPTION, { slug, input: { message: 'What goes on elsewhere?', requestId } }, admin)

	it('is failed once its lease has ended, and says so to whoever waits for it and whoever comes later', async () => {
		const requestId = `dead-${transport.name}`
		const runId = await runElsewhere(requestId, 1)
		const { events } = await heard(follow(requestId))
		expect(events).toMatchObject([
			{ __typename: 'ChatStarted', sequence: 1, runId },
			{ __typename: 'ChatFailed', code: 'INTERRUPTED', partial: '' },
		])
		expect((await heard(follow(requestId))).events).toEqual(events)
	})

	it('is left alone while its lease lasts, and followed to its end', async () => {
		const requestId = `alive-${transport.name}`
		const runId = await runElsewhere(requestId, 3_600)
		const following = heard(follow(requestId))
		await runElsewhere(`sign-${transport.name}`, 0)
		await heard(follow(`sign-${transport.name}`)) // by now expired leases have been looked for
		expect((await app.prisma.run.findUniqueOrThrow({ where: { id: runId } })).status).toBe('running')
		const told = [
			{ sequence: 1, type: 'started', runId, threadId: `thread-${requestId}` },
			{ sequence: 2, type: 'cancelled', partial: 'Half' },
		]
		await app.prisma.run.update({ where: { id: runId }, data: { status: 'cancelled', events: told } })
		expect((await following).events).toMatchObject([
			{ sequence: 1, runId },
			{ __typename: 'ChatCancelled', sequence: 2, partial: 'Half' },
		])
	})
})
