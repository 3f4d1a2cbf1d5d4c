import { cp, mkdtemp, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { inject } from 'vitest'
import { type App, createApp, type Overrides } from '../../src/app.ts'
import { hashPassword } from '../../src/auth/passwords.ts'
import { ADMIN_PASSWORD, configFor } from './config.ts'

export interface TestApp extends App {
	directory: string
	/** `http://127.0.0.1:<port>`; listens from the first call on. */
	url(): Promise<string>
	/** Signs in; the user is made first where there is none of that name. @returns the token. */
	tokenOf(username: string, role?: 'admin' | 'user'): Promise<string>
	/** Makes somebody a member of a workspace. */
	join(username: string, slug: string, role: 'owner' | 'editor' | 'viewer'): Promise<void>
	/** Stops the server and removes its data. */
	end(): Promise<void>
}

interface Options extends Overrides {
	environment?: Record<string, string>
	/** The data directory of an application that has stopped, to go on with. */
	directory?: string
}

/** The application on a data directory of its own, as a first start leaves it. Nothing is flushed to the disk. */
export async function bootApp({ environment, directory: given, ...overrides }: Options = {}): Promise<TestApp> {
	const directory = given ?? (await copyOfTemplate())
	const app = await createApp(configFor(directory, environment), { durable: false, ...overrides })
	const tokens = new Map<string, Promise<string>>()
	let listening: Promise<number> | undefined

	async function signIn(username: string, role: 'admin' | 'user'): Promise<string> {
		const found = await app.prisma.user.findUnique({ where: { username } })
		if (!found) await app.prisma.user.create({ data: { username, role, passwordHash: await hashPassword(ADMIN_PASSWORD) } })
		return (await app.services.auth.login(username, ADMIN_PASSWORD)).token
	}

	return {
		...app,
		directory,
		async url() {
			listening ??= app.start()
			return `http://127.0.0.1:${await listening}`
		},
		tokenOf(username, role = 'user') {
			const token = tokens.get(username) ?? signIn(username, role)
			tokens.set(username, token)
			return token
		},
		async join(username, slug, role) {
			const [user, workspace] = await Promise.all([
				app.prisma.user.findUniqueOrThrow({ where: { username } }),
				app.prisma.workspace.findUniqueOrThrow({ where: { slug } }),
			])
			await app.prisma.member.create({ data: { userId: user.id, workspaceId: workspace.id, role } })
		},
		async end() {
			await app.stop()
			await rm(directory, { recursive: true, force: true })
		},
	}
}

async function copyOfTemplate(): Promise<string> {
	const directory = await mkdtemp(path.join(tmpdir(), 'app-'))
	const template = inject('template')
	const isModel = (source: string) => source === path.join(template, 'models')
	await cp(template, directory, { recursive: true, filter: (source) => !isModel(source) })
	await symlink(path.join(template, 'models'), path.join(directory, 'models'))
	return directory
}
