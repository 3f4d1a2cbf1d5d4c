import { AppError } from '../errors.ts'
import type { PrismaClient } from './database.ts'
import { isGone } from './errors.ts'

/** The same client for what is read of rows that were found before: one that somebody has deleted since is NOT_FOUND. */
export const forRelations = (prisma: PrismaClient): PrismaClient =>
	prisma.$extends({
		query: {
			$allModels: {
				async findUniqueOrThrow({ args, query }) {
					try {
						return await query(args)
					} catch (error) {
						throw isGone(error) ? new AppError('gone') : error
					}
				},
			},
		},
	}) as unknown as PrismaClient
