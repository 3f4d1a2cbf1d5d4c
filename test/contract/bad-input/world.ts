import { mkdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import type { TestApp } from '../../support/app.ts'

/** What is there: lin’s, somebody else’s, and what was deleted. */
export interface World {
	readonly tokens: { readonly admin: string; readonly lin: string }
	readonly linId: number
	/** Lin owns it; guest is a member. */
	readonly slug: string
	readonly guestId: number
	readonly documentId: number
	readonly threadId: string
	/** Of another workspace of lin’s. */
	readonly elsewhere: { readonly documentId: number; readonly threadId: string }
	/** Of a workspace that lin may not know of. */
	readonly others: { readonly slug: string; readonly userId: number; readonly documentId: number; readonly threadId: string }
	readonly deleted: { readonly slug: string; readonly userId: number; readonly documentId: number; readonly threadId: string }
	/** To be deleted, or made a member, by a call that is good. */
	readonly doomed: {
		readonly slug: string
		readonly userId: number
		readonly memberId: number
		readonly documentId: number
		readonly threadId: string
		readonly username: string
	}
	/** A name that nothing has yet. */
	fresh(): string
}

/** Makes the world; called again, it makes what is doomed anew. */
export function worldIn(app: TestApp) {
	const { prisma } = app
	let count = 0
	const fresh = () => `fresh-${++count}`

	const user = async (username: string) => (await prisma.user.create({ data: { username, passwordHash: 'none' } })).id
	async function workspace(slug: string, ownerId: number) {
		const members = { create: { userId: ownerId, role: 'owner' as const } }
		return (await prisma.workspace.create({ data: { slug, name: slug, members } })).id
	}
	async function document(workspaceId: number, name: string) {
		const { id } = await prisma.document.create({
			data: {
				workspaceId,
				filename: name,
				originalName: name,
				mimeType: 'text/plain',
				format: 'txt',
				size: 1,
				hash: `${workspaceId}/${name}`,
				storageKey: `none/${name}`,
				status: 'processed',
			},
		})
		await mkdir(path.join(app.directory, 'files/none'), { recursive: true })
		await writeFile(path.join(app.directory, 'files/none', name), 'x')
		await prisma.documentText.create({ data: { documentId: id, text: 'x', pages: [], headings: [] } })
		return id
	}
	async function thread(id: string, workspaceId: number, userId: number) {
		const about = { workspaceId, threadId: id, message: 'x' }
		await prisma.thread.create({ data: { id, workspaceId, userId, title: 'x' } })
		await prisma.run.create({
			data: {
				...about,
				id: id.replace('thread', 'run'),
				userId,
				mode: 'chat',
				status: 'completed',
				provider: 'x',
				model: 'x',
				events: [],
				endedAt: new Date(),
			},
		})
		await prisma.chat.create({ data: { ...about, runId: id.replace('thread', 'run'), response: 'x', sources: [], citations: [] } })
		return id
	}
	async function deletedId(table: 'user' | 'document', id: number) {
		await (table === 'user' ? prisma.user.delete({ where: { id } }) : prisma.document.delete({ where: { id } }))
		return id
	}

	async function doomed(homeId: number, linId: number): Promise<World['doomed']> {
		const slug = fresh()
		const username = fresh()
		await workspace(slug, linId)
		const memberId = await user(fresh())
		await prisma.member.create({ data: { workspaceId: homeId, userId: memberId, role: 'viewer' } })
		return {
			slug,
			userId: await user(username),
			username,
			memberId,
			documentId: await document(homeId, fresh()),
			threadId: await thread(`thread-${fresh()}`, homeId, linId),
		}
	}

	return async (): Promise<World & { renew(): Promise<void> }> => {
		const tokens = { admin: await app.tokenOf('admin'), lin: await app.tokenOf('lin') }
		const { id: linId } = await prisma.user.findUniqueOrThrow({ where: { username: 'lin' } })
		const [guestId, strangerId] = [await user('guest'), await user('stranger')]
		const [homeId, elsewhereId, othersId] = [
			await workspace('home', linId),
			await workspace('elsewhere', linId),
			await workspace('others', strangerId),
		]
		await prisma.member.create({ data: { workspaceId: homeId, userId: guestId, role: 'viewer' } })
		const goneId = await workspace('gone', linId)
		const goneThread = await thread('thread-gone', goneId, linId)
		await prisma.workspace.delete({ where: { id: goneId } })
		const world = {
			tokens,
			linId,
			guestId,
			slug: 'home',
			documentId: await document(homeId, 'home.txt'),
			threadId: await thread('thread-home', homeId, linId),
			elsewhere: {
				documentId: await document(elsewhereId, 'elsewhere.txt'),
				threadId: await thread('thread-elsewhere', elsewhereId, linId),
			},
			others: {
				slug: 'others',
				userId: strangerId,
				documentId: await document(othersId, 'others.txt'),
				threadId: await thread('thread-others', othersId, strangerId),
			},
			deleted: {
				slug: 'gone',
				userId: await deletedId('user', await user('gone')),
				documentId: await deletedId('document', await document(homeId, 'gone.txt')),
				threadId: goneThread,
			},
			doomed: await doomed(homeId, linId),
			fresh,
			async renew() {
				world.doomed = await doomed(homeId, linId)
			},
		}
		return world
	}
}

/** All that the database holds, in one word. */
export function fingerprintOf({ prisma }: TestApp): () => Promise<string> {
	let statement: string | undefined
	const compose = async () => {
		const tables = await prisma.$queryRaw<
			{ name: string }[]
		>`SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public' ORDER BY 1`
		const hashes = tables.map(
			({ name }) =>
				`'${name} ' || (SELECT count(*) || ' ' || coalesce(md5(string_agg(t::text, ',' ORDER BY t::text)), '') FROM "${name}" t)`,
		)
		return `SELECT concat_ws(E'\\n', ${hashes.join(', ')}) AS fingerprint`
	}
	return async () => {
		statement ??= await compose()
		const [row] = await prisma.$queryRawUnsafe<{ fingerprint: string }[]>(statement)
		return row?.fingerprint ?? ''
	}
}
