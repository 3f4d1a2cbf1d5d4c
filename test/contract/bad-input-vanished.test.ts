import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { bootApp, type TestApp } from '../support/app.ts'
import { recordingLog } from '../support/log.ts'
import { graphql } from '../support/surfaces.ts'

const { log, lines } = recordingLog()

let app: TestApp
let admin: string
beforeAll(async () => {
	app = await bootApp({ log })
	admin = await app.tokenOf('admin')
})
afterEach(() => {
	vi.restoreAllMocks()
})
afterAll(() => app.end())

describe('a workspace that goes between a page and the lists of what is on it', () => {
	it.each(['documents', 'threads', 'chats', 'members'])('is NOT_FOUND, and no line in the log: %s', async (list) => {
		await app.prisma.workspace.create({ data: { slug: 'brief', name: 'Brief' } })
		const page = app.services.workspaces.page
		vi.spyOn(app.services.workspaces, 'page').mockImplementationOnce(async (viewer, args) => {
			const found = await page(viewer, args)
			await app.prisma.workspace.delete({ where: { slug: 'brief' } })
			return found
		})
		const query = `{ workspacePage { workspaces { slug ${list} { totalCount edges { cursor } } } } }`
		expect(await graphql(app, query, {}, admin)).toMatchObject({ code: 'NOT_FOUND', error: '所请求的内容刚刚被删除，请重新请求。' })
		expect(lines.filter(({ level }) => Number(level) >= 50)).toEqual([])
		expect((await graphql(app, query, {}, admin)).code).toBeUndefined()
	})
})
