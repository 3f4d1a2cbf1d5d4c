import { describe, expect, inject, it } from 'vitest'
import { createApp } from '../../src/app.ts'
import { configFor } from '../support/config.ts'
import { makePlace } from '../support/place.ts'

const isShared = inject('services') !== null

describe('servers that start at once', () => {
	it(
		isShared
			? 'on an empty database make what a first start makes exactly once, and all serve'
			: 'on one directory: all but one are refused',
		async () => {
			const place = await makePlace({ isEmpty: true })
			const boot = () =>
				createApp(configFor(place.directory, { ADMIN_PASSWORD: '', ...place.environment }), { durable: false, ...place.overrides })
			const started = await Promise.allSettled(Array.from({ length: 4 }, boot))
			const apps = started.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
			try {
				expect(apps).toHaveLength(isShared ? 4 : 1)
				const [admin, ...others] = apps.flatMap((app) => app.admin ?? [])
				expect(others).toEqual([])
				for (const { prisma, services } of apps) {
					const made = [prisma.user.count(), prisma.workspace.count(), prisma.member.count(), prisma.generation.count()]
					expect(await Promise.all(made)).toEqual([1, 1, 1, 1])
					expect((await services.auth.login('admin', admin?.password ?? '')).user.role).toBe('admin')
				}
			} finally {
				await Promise.all(apps.map((app) => app.stop()))
				await place.remove()
			}
		},
	)
})
