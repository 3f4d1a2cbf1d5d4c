import pg from 'pg'
import { Unavailable } from '../errors.ts'
import { retried, unavailable } from './errors.ts'

interface ConnectionConfig extends pg.ClientConfig {
	/** Called when a statement that may change something is sent. */
	writing?: () => void
}

/** A connection whose failures say {@link unavailable} where the database, not the statement, is the reason. */
export class Connection extends pg.Client {
	readonly #writing: (() => void) | undefined

	constructor(config: ConnectionConfig) {
		super(config)
		this.#writing = config.writing
	}

	// biome-ignore lint/suspicious/noExplicitAny: hands on whatever pg takes and gives
	override query(...parameters: any[]): any {
		if (this.#writing && !isRead(parameters[0])) this.#writing()
		const answer: unknown = super.query(...(parameters as Parameters<pg.Client['query']>))
		return answer instanceof Promise ? answer.catch((error: unknown) => this.#fail(error)) : answer
	}

	/** Breaks it off: whoever waits for an answer gets this error. */
	breakOff(reason: Error): void {
		streamOf(this).destroy(reason)
	}

	#fail(error: unknown): never {
		// what was asked may still be answered: nobody else may read that
		if (error instanceof Error && error.message === 'Query read timeout') this.breakOff(error)
		throw unavailable(error)
	}
}

/** A pool whose failures say {@link unavailable}, and which can be told that there is nobody to connect to. */
export class Pool extends pg.Pool {
	readonly #connections = new Set<pg.PoolClient>()
	#refusal: Error | null = null

	constructor(config: pg.PoolConfig & ConnectionConfig) {
		super({ ...config, Client: Connection } as unknown as pg.PoolConfig)
		this.on('connect', (connection) => {
			this.#connections.add(connection)
			connection.on('error', ignore)
		})
		this.on('remove', (connection) => this.#connections.delete(connection))
		this.on('error', ignore)
	}

	/** Breaks off all connections, and lets nobody in until {@link accept}: who waits for a database that is gone waits for nothing. */
	refuse(reason: Error): void {
		this.#refusal = reason
		for (const connection of this.#connections) streamOf(connection).destroy(new Unavailable('database', reason))
	}

	accept(): void {
		this.#refusal = null
	}

	// biome-ignore lint/suspicious/noExplicitAny: hands on whatever pg takes and gives
	override connect(callback?: any): any {
		const refusal = this.#refusal && new Unavailable('database', this.#refusal)
		if (callback) return refusal ? callback(refusal) : super.connect(callback)
		return refusal ? Promise.reject(refusal) : super.connect().catch(rethrow)
	}

	// biome-ignore lint/suspicious/noExplicitAny: hands on whatever pg takes and gives
	override query(...parameters: any[]): any {
		const isCalledBack = typeof parameters.at(-1) === 'function'
		const ask = () => super.query(...(parameters as Parameters<pg.Pool['query']>)) as unknown as Promise<unknown>
		return isCalledBack ? ask() : retried(ask).catch(rethrow)
	}
}

/** A connection that ends while nobody uses it is replaced when somebody needs one; one that is used fails what it is used for. */
function ignore(): void {}

function rethrow(error: unknown): never {
	throw unavailable(error)
}

/** One SELECT and nothing else. Those that change something by what they call change no rows of ours. */
function isRead(statement: string | { text?: string } | undefined): boolean {
	const text = typeof statement === 'string' ? statement : statement?.text
	return text !== undefined && /^\s*SELECT\b/i.test(text) && !text.includes(';')
}

const streamOf = (connection: pg.ClientBase) =>
	(connection as unknown as { connection: { stream: { destroy(reason: Error): void } } }).connection.stream
