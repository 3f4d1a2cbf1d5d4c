import { randomBytes } from 'node:crypto'
import { cp, mkdtemp, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { inject } from 'vitest'
import { createDatabase, dropDatabase, type Services } from './services.ts'

/** Where an application of a test keeps its things: a data directory and, in the project `services`, a database and a prefix in what is shared. */
export interface Place {
	directory: string
	environment: Record<string, string>
	overrides: { prefix?: string }
	/** Once nobody uses it any more. */
	remove(): Promise<void>
}

/** As a first start leaves it; or empty, for a first start. */
export async function makePlace({ isEmpty = false } = {}): Promise<Place> {
	const template = inject('template')
	const services = inject('services')
	const directory = await mkdtemp(path.join(tmpdir(), 'app-'))
	const models = path.join(template, 'models')
	if (!isEmpty && !services) await cp(template, directory, { recursive: true, filter: (source) => source !== models })
	await symlink(models, path.join(directory, 'models'))
	const removeDirectory = () => rm(directory, { recursive: true, force: true })
	return services
		? inServices(services, isEmpty, directory, removeDirectory)
		: { directory, environment: {}, overrides: {}, remove: removeDirectory }
}

async function inServices(services: Services, isEmpty: boolean, directory: string, removeDirectory: () => Promise<void>): Promise<Place> {
	const name = `${services.run}_${randomBytes(6).toString('hex')}`
	const url = await createDatabase(services, name, isEmpty ? undefined : services.template)
	return {
		directory,
		environment: { ...services.environment, DATABASE_URL: url },
		overrides: { prefix: `${name}_` },
		async remove() {
			await Promise.all([dropDatabase(services, name), removeDirectory()])
		},
	}
}
