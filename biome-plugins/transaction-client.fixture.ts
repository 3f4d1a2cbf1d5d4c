/**
 * Shows to Biome itself what transaction-client.grit is for. A suppression that suppresses nothing is an error in `npm run check`,
 * and so is a finding without one: this file passes exactly while the rule fires where it should, and nowhere else.
 */
import type pg from 'pg'
import type { PrismaClient } from '../src/database/database.ts'

export const fires = {
	statement: (prisma: PrismaClient) =>
		prisma.$transaction(async (tx) => {
			const user = await tx.user.findFirstOrThrow()
			// biome-ignore lint/plugin: fires on purpose
			await prisma.workspace.count()
			return user
		}),
	pool: (prisma: PrismaClient, pool: pg.Pool) =>
		prisma.$transaction(
			async (tx) => {
				await tx.user.count()
				// biome-ignore lint/plugin: fires on purpose
				if (await tx.chat.count()) await pool.query('SELECT 1')
			},
			{ timeout: 1_000 },
		),
	nested: (prisma: PrismaClient, names: string[]) =>
		prisma.$transaction(async (tx) => {
			await tx.user.count()
			// biome-ignore lint/plugin: fires on purpose
			return Promise.all(names.map((username) => prisma.user.count({ where: { username } })))
		}),
	// biome-ignore lint/plugin: fires on purpose
	raw: (prisma: PrismaClient) => prisma.$transaction(() => prisma.$queryRaw`SELECT 1`),
}

export class Fires {
	private readonly prisma: PrismaClient
	constructor(prisma: PrismaClient) {
		this.prisma = prisma
	}
	member() {
		return this.prisma.$transaction(async (tx) => {
			await tx.user.count()
			// biome-ignore lint/plugin: fires on purpose
			return this.prisma.user.count()
		})
	}
}

export const staysSilent = {
	ownClient: (prisma: PrismaClient) => prisma.$transaction(async (tx) => tx.user.count()),
	list: (prisma: PrismaClient, names: string[]) =>
		prisma.$transaction(names.map((username) => prisma.user.deleteMany({ where: { username } }))),
	before: async (prisma: PrismaClient) => {
		await prisma.user.count()
		return prisma.$transaction(async (tx) => tx.user.count())
	},
}
