import { randomUUID } from 'node:crypto'
import { access, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { AppError } from '../../errors.ts'
import type { EncodedText } from '../encoded-text.ts'
import { ParsingChild } from './child-process.ts'
import { errorOf, type Job, type Reply } from './job.ts'
import { createSlots } from './slots.ts'
import type { Format } from './types.ts'
import { lay, makeWorkFolder, removeWorkFolder, type WorkFolder } from './work-folder.ts'

export interface Parser {
	/**
	 * However hostile the file, this process stays unharmed.
	 * @throws AppError parse…, fileMissing, or the signal's reason; any other Error where the machine fails, which may pass.
	 */
	parse(file: { path: string; format: Format; group?: string }, signal: AbortSignal): Promise<EncodedText>
	/** Ends all children; what they read fails with `interrupted`. */
	stop(): Promise<void>
}

export interface ParserOptions {
	/** For one file, the start of a child included. */
	timeoutMs: number
	/** Resident memory of one child. */
	maxMemoryBytes?: number
	maxCharacters?: number
	/** Files read at the same time; others wait. Up to twice as many where a group would wait of which none is read. */
	children?: number
	/** Where it makes a folder to work in. */
	parent?: string
}

const MAX_MEMORY_BYTES = 1024 ** 3
const MAX_CHARACTERS = 20_000_000
const CHILDREN = 2
const IDLE_MS = 10_000
/** A child is let go after so many files, or when a file has left it large: WASM memory never shrinks. */
const MAX_FILES = 100
const MAX_KEPT_BYTES = 300 * 1024 ** 2

/** Reads files in child processes, which are kept for the next file while there are any. */
export function createParser(options: ParserOptions): Parser {
	const { timeoutMs, maxMemoryBytes = MAX_MEMORY_BYTES, maxCharacters = MAX_CHARACTERS, children = CHILDREN, parent = tmpdir() } = options
	const slots = createSlots(children)
	const all = new Set<ParsingChild>()
	const idle = new Map<ParsingChild, NodeJS.Timeout>()
	let folder: Promise<WorkFolder> | undefined
	let stopped = false

	function take(folder: WorkFolder): ParsingChild {
		for (const [child, timer] of idle) {
			clearTimeout(timer)
			idle.delete(child)
			if (child.isAlive) return child
		}
		const child = new ParsingChild({ ...folder, maxMemoryBytes })
		all.add(child)
		void child.closed.then(() => all.delete(child))
		return child
	}

	function giveBack(child: ParsingChild, healthy: boolean): void {
		const isKept = healthy && !stopped && child.files < MAX_FILES && child.rss <= MAX_KEPT_BYTES
		if (isKept)
			idle.set(
				child,
				setTimeout(() => retire(child), IDLE_MS),
			)
		else child.end(null)
	}

	function retire(child: ParsingChild): void {
		idle.delete(child)
		child.end(null)
	}

	async function workFolder(): Promise<WorkFolder> {
		folder ??= makeWorkFolder(parent).catch((error: unknown) => {
			folder = undefined // perhaps the next file finds room on the disk
			throw error
		})
		return folder
	}

	async function work(job: Job, child: ParsingChild, signal: AbortSignal): Promise<Reply> {
		let healthy = false
		try {
			const reply = await read(job, child, signal)
			healthy = !('problem' in reply) || reply.cause === null
			return reply
		} finally {
			giveBack(child, healthy)
		}
	}

	async function read(job: Job, child: ParsingChild, signal: AbortSignal): Promise<Reply> {
		const abort = () => child.end(signal.reason)
		const timer = setTimeout(() => child.end(new AppError('parseTimeout', { seconds: timeoutMs / 1000 })), timeoutMs)
		signal.addEventListener('abort', abort, { once: true })
		try {
			return await child.read(job)
		} finally {
			clearTimeout(timer)
			signal.removeEventListener('abort', abort)
		}
	}

	return {
		async parse({ path, format, group = '' }, signal) {
			if (stopped) throw new AppError('interrupted')
			using _slot = await slots.take(group, signal)
			const place = await workFolder()
			const id = randomUUID()
			const output = join(place.outbox, id)
			try {
				const laid = await lay(place, path, id).catch((error: unknown) => unreadable(path, error, stopped))
				const job = { path: laid, format, maxCharacters, output }
				signal.throwIfAborted()
				if (stopped) throw new AppError('interrupted')
				const reply = await work(job, take(place), signal)
				if ('problem' in reply) throw errorOf(reply)
				return { utf8: await readFile(output), pages: reply.pages, headings: reply.headings }
			} finally {
				await Promise.all([join(place.inbox, id), output].map((file) => rm(file, { force: true })))
			}
		},

		async stop() {
			stopped = true
			for (const timer of idle.values()) clearTimeout(timer)
			idle.clear()
			const ending = [...all]
			for (const child of ending) child.end(new AppError('interrupted'))
			await Promise.all(ending.map((child) => child.closed))
			if (folder) await removeWorkFolder(await folder)
		},
	}
}

/** Why a file cannot be laid before a child: it is gone for good, or the machine does not let it be read or copied now. */
async function unreadable(path: string, error: unknown, stopped: boolean): Promise<never> {
	if (stopped) throw new AppError('interrupted')
	const isGone = await access(path).then(
		() => false,
		(reason: NodeJS.ErrnoException) => reason.code === 'ENOENT',
	)
	throw isGone ? new AppError('fileMissing') : error
}
