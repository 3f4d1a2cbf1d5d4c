import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { TestProject } from 'vitest/node'
import { createApp } from '../../src/app.ts'
import { configFor } from './config.ts'

declare module 'vitest' {
	export interface ProvidedContext {
		/** A data directory as a first start leaves it: each test file copies it. */
		template: string
	}
}

/** Makes the data directory that every test without services begins with, once a project. */
export default function setup(project: TestProject): Promise<() => Promise<void>> {
	project.provide('services', null)
	return makeTemplate(project)
}

/** What a first start makes, and the embedder's model. @returns what removes the directory. */
export async function makeTemplate(
	project: TestProject,
	environment: Record<string, string> = {},
	overrides: { prefix?: string } = {},
): Promise<() => Promise<void>> {
	const template = await mkdtemp(path.join(tmpdir(), 'template-'))
	const app = await createApp(configFor(template, environment), { durable: false, ...overrides })
	const viewer = { id: 1, username: 'admin', role: 'admin', sessionId: '' } as const
	const query = { query: 'makes the embedder ready', limit: 1, join: true, fold: true }
	try {
		await app.services.search.search(viewer, 'default-workspace', query, AbortSignal.timeout(60_000))
	} finally {
		await app.stop()
	}
	project.provide('template', template)
	return () => rm(template, { recursive: true })
}
