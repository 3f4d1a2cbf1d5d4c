import { randomBytes } from 'node:crypto'
import { hashPassword } from './auth/passwords.ts'
import type { PrismaClient } from './database/database.ts'

/** The admin that a first start made. */
export interface FirstAdmin {
	username: string
	/** Only when it was made up: to be shown once. */
	password: string | null
}

/** What the first start makes: an admin and the default workspace, together. @returns null when they are there. */
export async function makeFirstThings(
	prisma: PrismaClient,
	admin: { username: string; password: string | undefined },
): Promise<FirstAdmin | null> {
	if ((await prisma.user.count()) > 0) return null
	const password = admin.password ?? randomBytes(12).toString('base64url')
	const passwordHash = await hashPassword(password)
	await prisma.$transaction(async (tx) => {
		const { id: userId } = await tx.user.create({ data: { username: admin.username, passwordHash, role: 'admin' } })
		await tx.workspace.create({
			data: {
				name: '默认工作空间',
				slug: 'default-workspace',
				description: '默认工作空间描述',
				members: { create: { userId, role: 'owner' } },
			},
		})
	})
	return { username: admin.username, password: admin.password === undefined ? password : null }
}
