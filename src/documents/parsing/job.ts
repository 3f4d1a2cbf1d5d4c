import { AppError, type Problem } from '../../errors.ts'
import type { Messages } from '../../messages.en.ts'
import type { Format, ParsedText } from './types.ts'

/** What the server asks of a child process. */
export interface Job {
	path: string
	format: Format
	maxCharacters: number
	/** Where the text goes, in UTF-8: too long for a message, which the server would have to decode in one go. */
	output: string
}

/** What the child answers. */
export type Reply = { rss: number } & (Success | Failure)

export type Success = Pick<ParsedText, 'pages' | 'headings'>

export interface Failure {
	/** Null where the machine is to blame, not the file: a full disk, too many open files. That may pass. */
	problem: Problem | null
	params: unknown[]
	/** Of an error that nobody foresaw, for the log. */
	cause: string | null
}

/** As V8 says that an array, a buffer or a string was not to be had. */
const OUT_OF_MEMORY = /RangeError: .*(?:allocat|out of memory|invalid (?:string|array|typed array) length)/i

/** Of the child and its program: no file is to blame. */
const OURS = new Set<unknown>(['ERR_ACCESS_DENIED', 'ERR_MODULE_NOT_FOUND'])

export function failureOf(error: unknown, type: string): Failure {
	if (error instanceof AppError) return { problem: error.problem, params: [...error.params], cause: null }
	const cause = error instanceof Error ? (error.stack ?? error.message) : String(error)
	if (OUT_OF_MEMORY.test(cause)) return { problem: 'parseMemory', params: [], cause }
	if (isOfMachine(error)) return { problem: null, params: [], cause }
	if (error instanceof Error && 'code' in error && OURS.has(error.code)) return { problem: 'internal', params: [], cause }
	return { problem: 'parseBroken', params: [{ type }], cause }
}

/** An error of the operating system. */
export const isOfMachine = (error: unknown): boolean => error instanceof Error && 'syscall' in error

export function errorOf({ problem, params, cause }: Failure): Error {
	if (problem === null) return new Error(`a reader of files failed: ${cause}`)
	const error = new AppError(problem, ...(params as Parameters<Messages[Problem]>))
	if (cause !== null) error.cause = cause
	return error
}
