import { execFile } from 'node:child_process'
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { createClient } from '@hey-api/openapi-ts'
import openapiTypes, { astToString } from 'openapi-typescript'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bootApp, type TestApp } from '../support/app.ts'
import { ADMIN_PASSWORD } from '../support/config.ts'

const root = path.resolve(import.meta.dirname, '../..')
const DOCUMENT = path.join(root, 'schema/openapi.json')
const run = promisify(execFile)

/** What each program does: sign in, make, upload, list, ask, delete; and what a failure looks like to it. */
const PROGRAMS = {
	'openapi-fetch': `
import createClient from 'openapi-fetch'
import type { components, paths } from './types.js'

const [baseUrl = '', password = ''] = process.argv.slice(2)
const anyone = createClient<paths>({ baseUrl })
const login = await anyone.POST('/auth/login', { body: { username: 'admin', password } })
const token: string = login.data!.data.token
const client = createClient<paths>({ baseUrl, headers: { authorization: \`Bearer \${token}\` } })

const made = await client.POST('/workspaces', {
	body: { name: 'made by a client' },
	params: { header: { 'Idempotency-Key': 'of-openapi-fetch' } },
})
const { slug } = made.data!.data.workspace
const uploaded = await client.POST('/workspaces/{slug}/documents', {
	params: { path: { slug } },
	body: { file: 'Ravens remember faces.', metadata: { from: 'a client' } },
	bodySerializer({ file, metadata }) {
		const form = new FormData()
		form.set('file', new File([file], 'ravens.txt'))
		form.set('metadata', JSON.stringify(metadata))
		return form
	},
})
const listed = await client.GET('/workspaces/{slug}/documents', { params: { path: { slug }, query: { limit: 5 } } })
const names: string[] = listed.data!.data.documents.map(({ originalName }) => originalName)
const asked = await client.POST('/workspaces/{slug}/chat', { params: { path: { slug } }, body: { message: 'Who remembers faces?' } })
const response: string = asked.data!.data.response
const refused = await client.POST('/workspaces', { body: { name: 'again', slug } })
const failure: Pick<components['schemas']['Failure'], 'success' | 'error'> = refused.error!
const deleted = await client.DELETE('/workspaces/{slug}', { params: { path: { slug } } })

console.log(JSON.stringify({
	uploaded: uploaded.data!.data.document.metadata,
	names,
	answered: response.length > 0 && asked.data!.data.threadId.startsWith('thread-'),
	refused: [refused.response.status, failure.success, failure.error.length > 0],
	deleted: deleted.data!.success,
}))
`,
	'hey-api': `
import { createClient } from './sdk/client/index.js'
import { createWorkspace, deleteWorkspace, documentPage, login, sendMessage, uploadDocument } from './sdk/sdk.gen.js'
import type { Failure } from './sdk/types.gen.js'

const [baseUrl = '', password = ''] = process.argv.slice(2)
const signedIn = await login({ client: createClient({ baseUrl }), body: { username: 'admin', password } })
const client = createClient({ baseUrl, auth: signedIn.data!.data.token })

const made = await createWorkspace({ client, body: { name: 'made by a client' }, headers: { 'Idempotency-Key': 'of-hey-api' } })
const { slug } = made.data!.data.workspace
const file = new File(['Ravens remember faces.'], 'ravens.txt')
const uploaded = await uploadDocument({ client, path: { slug }, body: { file, metadata: { from: 'a client' } } })
const listed = await documentPage({ client, path: { slug }, query: { limit: 5 } })
const names: string[] = listed.data!.data.documents.map(({ originalName }) => originalName)
const asked = await sendMessage({ client, path: { slug }, body: { message: 'Who remembers faces?' } })
const response: string = asked.data!.data.response
const refused = await createWorkspace({ client, body: { name: 'again', slug } })
const failure: Failure = refused.error!
const deleted = await deleteWorkspace({ client, path: { slug } })

console.log(JSON.stringify({
	uploaded: uploaded.data!.data.document.metadata,
	names,
	answered: response.length > 0 && asked.data!.data.threadId.startsWith('thread-'),
	refused: [refused.response!.status, failure.success, failure.error.length > 0],
	deleted: deleted.data!.success,
}))
`,
}

const CONFIG = {
	compilerOptions: {
		strict: true,
		target: 'es2023',
		lib: ['es2023', 'dom', 'dom.iterable'],
		module: 'nodenext',
		types: ['node'],
		skipLibCheck: true,
		outDir: 'made',
		rootDir: '.',
	},
	include: ['*.ts', 'sdk'],
}

let folder: string
let app: TestApp
beforeAll(async () => {
	app = await bootApp()
	folder = await mkdtemp(path.join(tmpdir(), 'openapi-clients-'))
	await symlink(path.join(root, 'node_modules'), path.join(folder, 'node_modules'), 'junction')
	await writeFile(path.join(folder, 'package.json'), JSON.stringify({ type: 'module' }))
	await writeFile(path.join(folder, 'tsconfig.json'), JSON.stringify(CONFIG))
	await writeFile(path.join(folder, 'types.ts'), astToString(await openapiTypes(pathToFileURL(DOCUMENT))))
	await createClient({
		input: DOCUMENT,
		output: { path: path.join(folder, 'sdk'), module: { extension: '.js' } },
		plugins: ['@hey-api/client-fetch', '@hey-api/typescript', '@hey-api/sdk'],
		logs: { level: 'silent' },
	})
	for (const [name, text] of Object.entries(PROGRAMS)) await writeFile(path.join(folder, `${name}.ts`), text)
})
afterAll(async () => {
	await app.end()
	await rm(folder, { recursive: true })
})

describe('clients that are generated from the OpenAPI document', () => {
	it('compile, with what they are used for, and call a server', { timeout: 300_000 }, async () => {
		await compiled()
		const url = `${await app.url()}/api`
		for (const name of Object.keys(PROGRAMS)) {
			const { stdout } = await run(process.execPath, [path.join(folder, 'made', `${name}.js`), url, ADMIN_PASSWORD])
			expect(JSON.parse(stdout), name).toEqual({
				uploaded: { from: 'a client' },
				names: ['ravens.txt'],
				answered: true,
				refused: [409, false, true],
				deleted: true,
			})
		}
	})
})

/** @throws Error with what the compiler says. */
async function compiled(): Promise<void> {
	await run(process.execPath, [path.join(root, 'node_modules/typescript/bin/tsc'), '-p', folder]).catch((error: { stdout: string }) => {
		throw new Error(error.stdout)
	})
}
