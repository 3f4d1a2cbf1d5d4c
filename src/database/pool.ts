import pg from 'pg'
import { Unavailable } from '../errors.ts'
import { retried, unavailable } from './errors.ts'

/** A connection whose failures say {@link unavailable} where the database, not the statement, is the reason. */
export class Connection extends pg.Client {
	// biome-ignore lint/suspicious/noExplicitAny: hands on whatever pg takes and gives
	override query(...parameters: any[]): any {
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

	constructor(config: pg.PoolConfig) {
		super({ ...config, Client: Connection } as pg.PoolConfig)
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

const streamOf = (connection: pg.ClientBase) =>
	(connection as unknown as { connection: { stream: { destroy(reason: Error): void } } }).connection.stream
