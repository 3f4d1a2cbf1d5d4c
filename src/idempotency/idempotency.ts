import { createHmac, hkdfSync, randomUUID } from 'node:crypto'
import type pg from 'pg'
import type { Prisma, PrismaClient } from '../database/database.ts'
import { AppError, Unavailable } from '../errors.ts'
import { createRounds, LEASE_SECONDS } from '../leases.ts'
import type { Upload } from '../uploads.ts'
import { payloadOf, textOf, uploadsIn } from './payload.ts'
import { createRows, type Earlier, type MadeId } from './rows.ts'

/** What a service that makes something gets of a call that may come again. */
export interface Once {
	/**
	 * In the transaction that makes it: from then on the call makes nothing more.
	 * @throws AppError CONFLICT when another process has taken the call over, as this one seemed dead; the transaction must fail.
	 */
	record(tx: Prisma.TransactionClient, id: MadeId): Promise<void>
}

/** Makes something and, of a call that may come again, records it: both or neither. */
export function recorded<Made>(
	prisma: PrismaClient,
	once: Once | undefined,
	make: (db: Prisma.TransactionClient) => Promise<Made>,
	idOf: (made: Made) => MadeId,
): Promise<Made> {
	if (!once) return make(prisma)
	return prisma.$transaction(async (tx) => {
		const made = await make(tx)
		await once.record(tx, idOf(made))
		return made
	})
}

interface Asked {
	operation: string
	/** The key of its answer in the result. */
	field: string
	args: object
	/** All that decides how the answer looks. */
	request: unknown
}

/** A call that may come again: it has an Idempotency-Key. */
export interface KeyedCall extends Once {
	/** @throws AppError UNPROCESSABLE when it is too long or has other characters than visible ASCII. */
	readonly key: string
	/** The key of its answer in the result, once it runs. */
	readonly field: string | undefined
	/** Whether what is shown was made before, and nothing now. */
	readonly isRepeated: boolean
	/** How the same request was answered the first time. */
	readonly firstAnswer: unknown
	/**
	 * Makes what is asked for, once; the next time it is loaded. What fails may be tried again.
	 * @returns null where {@link firstAnswer} stands for it.
	 * @throws AppError CONFLICT while the same call is running, UNPROCESSABLE when the key belongs to another payload.
	 */
	run<Shown>(asked: Asked, make: () => Promise<Shown>, load: (id: MadeId) => Promise<Shown>): Promise<Shown | null>
	/** The answer to what was made or loaded, for the next time. Never rejects: without it what was made is loaded. */
	keep(answer: unknown): Promise<void>
}

interface Dependencies {
	pool: pg.Pool
	/** Without it nobody can try passwords on what is kept of a payload. */
	secret: string
	/** Of a file that is compared with an earlier one. */
	maxBytes: number
	/** Hears of what went wrong beside a call; that the database does not answer says the database. */
	report(error: unknown): void
}

/** Longer answers are not kept; in characters. */
const MAX_ANSWER = 65_536
const SWEEP_ROUNDS = (4 * 3_600) / LEASE_SECONDS

export type Idempotency = ReturnType<typeof createIdempotency>

/** Calls that make something, and may be repeated by a client that did not hear the answer (docs/adr/0013). */
export function createIdempotency({ pool, secret, maxBytes, report }: Dependencies) {
	const told = (error: unknown) => error instanceof Unavailable || report(error)
	const rows = createRows(pool)
	const hashKey = Buffer.from(hkdfSync('sha256', secret, '', 'anythingllm-api idempotency', 32))
	const hash = (text: string) => createHmac('sha256', hashKey).update(text).digest('base64url')
	const running = new Set<string>()
	let round = 0

	const rounds = createRounds(async () => {
		if (running.size > 0) await rows.renew([...running])
		if (round++ % SWEEP_ROUNDS === 0) await rows.removeExpired()
	}, told)

	/** What an earlier call made, when it was this one. */
	async function made(earlier: Earlier, args: object) {
		if (earlier.isRunning) throw new AppError('keyBusy')
		for (const upload of uploadsIn(args)) await readToEnd(upload, maxBytes)
		if (earlier.payload !== hash(await payloadOf(args))) throw new AppError('keyReused')
		return earlier
	}

	function of(userId: number, sent: string): KeyedCall {
		const claim = randomUUID()
		let asked: Asked | undefined
		let isRecorded = false
		let isRepeated = false
		let firstAnswer: unknown

		const nameOf = ({ operation }: Asked) => ({ userId, operation, key: sent })
		const requestOf = ({ request }: Asked) => hash(textOf(request))

		async function make<Shown>(work: () => Promise<Shown>): Promise<Shown> {
			running.add(claim)
			try {
				const shown = await work()
				if (!isRecorded) throw new Error(`${asked?.operation} has not recorded what it made`)
				return shown
			} catch (error) {
				await rows.release(claim).catch(told) // else its lease ends
				throw error
			} finally {
				running.delete(claim)
			}
		}

		return {
			get key() {
				return checked(sent)
			},
			get field() {
				return asked?.field
			},
			get isRepeated() {
				return isRepeated
			},
			get firstAnswer() {
				return firstAnswer
			},
			async run(call, work, load) {
				checked(sent)
				asked = call
				const earlier = await rows.claim(nameOf(call), claim)
				if (!earlier) return make(work)
				const { made: id, request, answer } = await made(earlier, call.args)
				if (answer !== null && request === requestOf(call)) firstAnswer = JSON.parse(answer)
				const shown = firstAnswer === undefined ? await load(id) : null
				isRepeated = true
				return shown
			},
			async record(tx, id) {
				if (!asked) throw new Error('nothing runs that could be recorded')
				if (!(await rows.done(tx, { claim, made: id, payload: hash(await payloadOf(asked.args)) }))) throw new AppError('keyBusy')
				isRecorded = true
			},
			async keep(answer) {
				const text = JSON.stringify(answer)
				if (!asked || text.length > MAX_ANSWER) return
				try {
					await rows.keep(nameOf(asked), { request: requestOf(asked), answer: text })
				} catch (error) {
					told(error)
				}
			},
		}
	}

	return {
		/** A call of this user with the key that was sent, which may be none. */
		of,
		/** Begins to give signs of life, and to forget. The sole process of a database first forgets what a dead one was about to make. */
		async start({ isAlone }: { isAlone: boolean }): Promise<void> {
			if (isAlone) await rows.releaseAll()
			rounds.start()
		},
		stop: rounds.stop,
	}
}

function checked(key: string): string {
	if (!/^[\x21-\x7e]{1,255}$/.test(key)) throw new AppError('badIdempotencyKey')
	return key
}

async function readToEnd(upload: Upload, maxBytes: number): Promise<void> {
	let size = 0
	for await (const { length } of upload.read()) {
		size += length
		if (size > maxBytes) throw new AppError('fileTooLarge', { maxBytes })
	}
}
