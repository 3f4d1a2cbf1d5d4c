import { randomBytes } from 'node:crypto'
import { openAsBlob } from 'node:fs'
import { mkdir, mkdtemp, readdir, rm, stat, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { z } from 'zod'
import { createApp } from '../src/app.ts'
import { readConfig } from '../src/config.ts'
import type { Half } from './own.ts'
import { MODELS } from './product.ts'
import { UsageError } from './questions.ts'
import { createServer, type Server, ServerError } from './server.ts'
import { createWorkspace, nameKey, type Workspace } from './workspace.ts'

const MAX_FILES = 10_000
/** Longest time that one document may take, from its turn on. */
const PROCESSING_MS = 600_000
/** The workspaces are those of the process, however it is set up elsewhere. */
const ELSEWHERE = ['DATABASE_URL', 'MILVUS_ADDRESS', 'MILVUS_TOKEN', 'REDIS_URL', 'STORAGE_URL', 'ROLE']
const UNLIMITED = { RATE_LIMIT_AUTH: '0', RATE_LIMIT_CHAT: '0', RATE_LIMIT_UPLOAD: '0', RATE_LIMIT_DEFAULT: '0' }

/** Files in workspaces of their own. */
export interface OwnDocuments extends AsyncDisposable {
	workspace: Workspace
	/** None where there are less than two documents. */
	halves: Half[]
}

/** Files as they are, and those in folders below, but hidden ones; by name. @throws UsageError */
export async function filesIn(places: readonly string[]): Promise<string[]> {
	const files: string[] = []
	for (const place of places) {
		const found = await stat(place).catch(() => {
			throw new UsageError(`${place}: there is no such file or folder`)
		})
		if (found.isFile()) files.push(place)
		else
			for (const entry of await readdir(place, { recursive: true, withFileTypes: true })) {
				const file = path.join(entry.parentPath, entry.name)
				const isHidden = path
					.relative(place, file)
					.split(path.sep)
					.some((part) => part.startsWith('.'))
				if (entry.isFile() && !isHidden) files.push(file)
			}
		if (files.length > MAX_FILES) throw new UsageError(`more than ${MAX_FILES} files`)
	}
	if (files.length === 0) throw new UsageError(`no file in ${places.join(', ')}`)
	return [...new Set(files.map((file) => path.resolve(file)))].sort()
}

/**
 * The whole product in a throw-away directory, with the models that the environment names, and the files in it: all in one workspace, and where halves are
 * wanted every other one in another.
 */
export async function takeInDocuments(
	files: readonly string[],
	environment: NodeJS.ProcessEnv,
	withHalves: boolean,
): Promise<OwnDocuments> {
	const directory = await mkdtemp(path.join(tmpdir(), 'eval-'))
	const remove = () => rm(directory, { recursive: true, force: true, maxRetries: 5 })
	const app = await open(directory, environment).catch(async (error: unknown) => {
		await remove()
		throw error
	})
	const end = async () => {
		await app.stop()
		await remove()
	}
	try {
		const { server } = app
		const workspace = createWorkspace(server, await load(server, 'whole', files))
		const parts = withHalves && files.length > 1 ? [files.filter((_, at) => at % 2 === 0), files.filter((_, at) => at % 2 === 1)] : []
		const halves: Half[] = []
		for (const [at, half] of parts.entries())
			halves.push({
				workspace: createWorkspace(server, await load(server, `half-${at + 1}`, half)),
				files: new Set(half.map((file) => nameKey(path.basename(file)))),
			})
		return { workspace, halves, [Symbol.asyncDispose]: end }
	} catch (error) {
		await end()
		throw error
	}
}

async function open(directory: string, environment: NodeJS.ProcessEnv): Promise<{ server: Server; stop(): Promise<void> }> {
	const models = path.join(MODELS, 'models')
	await mkdir(models, { recursive: true })
	await symlink(models, path.join(directory, 'models'), 'junction')
	const [username, password] = ['admin', randomBytes(16).toString('hex')]
	const given = Object.fromEntries(Object.entries(environment).filter(([name]) => !ELSEWHERE.includes(name)))
	const own = { DATA_DIR: directory, PORT: '0', ADMIN_USERNAME: username, ADMIN_PASSWORD: password, LOG_LEVEL: 'error', ...UNLIMITED }
	const app = await createApp(readConfig({ ...given, ...own }), { durable: false })
	const { token } = await app.services.auth.login(username, password)
	return { server: createServer({ url: 'http://localhost', token, fetch: async (request) => app.fetch(request) }), stop: () => app.stop() }
}

const Made = z.object({ workspace: z.object({ slug: z.string() }) })
const Document = z.object({
	document: z.object({ id: z.int(), status: z.string(), error: z.object({ reason: z.string() }).nullable() }),
})

/** A workspace of these files, once they are processed. What cannot be read is told, and left out. @returns the slug. */
async function load(server: Server, name: string, files: readonly string[]): Promise<string> {
	const { slug } = (await server.call('/workspaces', Made, { method: 'POST', json: { name, rerank: true } })).workspace
	const path = `/workspaces/${slug}/documents`
	const uploaded: [file: string, id: number][] = []
	for (const file of files) {
		const id = await upload(server, path, file)
		if (id !== null) uploaded.push([file, id])
	}
	for (const [file, id] of uploaded) {
		await server.follow(`${path}/${id}/events`, PROCESSING_MS)
		const { document } = await server.call(`${path}/${id}`, Document)
		if (document.status !== 'processed') console.log(`${file}: left out, ${document.error?.reason ?? `still ${document.status}`}`)
	}
	return slug
}

/** Null where the file is refused. */
async function upload(server: Server, at: string, file: string): Promise<number | null> {
	const form = new FormData()
	form.set('file', await openAsBlob(file), path.basename(file))
	try {
		return (await server.call(at, Document, { method: 'POST', form })).document.id
	} catch (error) {
		if (!(error instanceof ServerError)) throw error
		console.log(`${file}: left out, ${error.message}`)
		return null
	}
}
