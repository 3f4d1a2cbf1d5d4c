import { type App, createApp, type Overrides } from '../../src/app.ts'
import { hashPassword } from '../../src/auth/passwords.ts'
import { ADMIN_PASSWORD, configFor } from './config.ts'
import { makePlace, type Place } from './place.ts'

export interface TestApp extends App {
	place: Place
	/** Of its files. */
	directory: string
	/** `http://127.0.0.1:<port>`; listens from the first call on. */
	url(): Promise<string>
	/** Signs in; the user is made first where there is none of that name. @returns the token. */
	tokenOf(username: string, role?: 'admin' | 'user'): Promise<string>
	/** Makes somebody a member of a workspace. */
	join(username: string, slug: string, role: 'owner' | 'editor' | 'viewer'): Promise<void>
	/** Stops the server and removes its place. */
	end(): Promise<void>
}

interface Options extends Overrides {
	environment?: Record<string, string>
	/** Of an application that has stopped, to go on with. */
	place?: Place
}

/** The application in a place of its own, as a first start leaves it. Nothing is flushed to the disk. */
export async function bootApp({ environment, place: given, ...overrides }: Options = {}): Promise<TestApp> {
	const place = given ?? (await makePlace())
	const config = configFor(place.directory, { ...place.environment, ...environment })
	const app = await createApp(config, { durable: false, ...place.overrides, ...overrides })
	const tokens = new Map<string, Promise<string>>()
	let listening: Promise<number> | undefined

	async function signIn(username: string, role: 'admin' | 'user'): Promise<string> {
		const found = await app.prisma.user.findUnique({ where: { username } })
		if (!found) await app.prisma.user.create({ data: { username, role, passwordHash: await hashPassword(ADMIN_PASSWORD) } })
		return (await app.services.auth.login(username, ADMIN_PASSWORD)).token
	}

	return {
		...app,
		place,
		directory: place.directory,
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
			await place.remove()
		},
	}
}
