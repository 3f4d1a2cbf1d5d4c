import { Prisma } from '../generated/prisma/client.ts'

/** Prisma's codes: https://www.prisma.io/docs/orm/reference/error-reference */
const hasCode = (error: unknown, code: string): boolean => error instanceof Prisma.PrismaClientKnownRequestError && error.code === code

/** A row with this unique value is there already. */
export const isUniqueViolation = (error: unknown): boolean => hasCode(error, 'P2002')
