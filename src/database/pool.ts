import pg from 'pg'
import { Unavailable } from '../errors.ts'
import { retried, unavailable } from './errors.ts'

interface ConnectionConfig extends pg.ClientConfig {
	/** Called when a statement that may change something is sent. */
	writing?: () => void
}

/** A connection whose failures say {@link unavailable} where the database, not the statement, is the reason. */
export class Connection extends pg.Client {
	constructor(config: ConnectionConfig) {
		super(config)
		const { writing } = config
		const query: Ask = (...parameters) => Reflect.apply(super.query, this, parameters)
		const watched: Ask = (...parameters) => {
			if (writing && !isRead(parameters[0])) writing()
			const answer = query(...parameters)
			return answer instanceof Promise ? answer.catch((error: unknown) => this.#fail(error)) : answer
		}
		this.query = watched as typeof this.query
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
		this.#watch()
	}

	/** Breaks off all connections, and lets nobody in until {@link accept}: who waits for a database that is gone waits for nothing. */
	refuse(reason: Error): void {
		this.#refusal = reason
		for (const connection of this.#connections) streamOf(connection).destroy(new Unavailable('database', reason))
	}

	accept(): void {
		this.#refusal = null
	}

	/** Those of pg say the reason, and pg's many signatures stay as they are. */
	#watch(): void {
		const connect = this.connect.bind(this)
		const watchedConnect = (callback?: Callback) => {
			const refusal = this.#refusal && new Unavailable('database', this.#refusal)
			if (callback) return refusal ? callback(refusal, undefined, ignore) : connect(callback)
			return refusal ? Promise.reject(refusal) : connect().catch(rethrow)
		}
		this.connect = watchedConnect as typeof this.connect
		const query = this.query.bind(this) as Ask
		const watchedQuery: Ask = (...parameters) => {
			if (typeof parameters.at(-1) === 'function') return query(...parameters)
			return retried(() => query(...parameters) as Promise<unknown>).catch(rethrow)
		}
		this.query = watchedQuery as typeof this.query
	}
}

type Ask = (...parameters: unknown[]) => unknown
type Callback = (error: Error | undefined, client: pg.PoolClient | undefined, done: (release?: unknown) => void) => void

/** A connection that ends while nobody uses it is replaced when somebody needs one; one that is used fails what it is used for. */
function ignore(): void {}

function rethrow(error: unknown): never {
	throw unavailable(error)
}

/** One SELECT and nothing else. Those that change something by what they call change no rows of ours. */
function isRead(statement: unknown): boolean {
	const text = typeof statement === 'object' && statement !== null && 'text' in statement ? statement.text : statement
	return typeof text === 'string' && /^\s*SELECT\b/i.test(text) && !text.includes(';')
}

const streamOf = (connection: pg.ClientBase) =>
	(connection as unknown as { connection: { stream: { destroy(reason: Error): void } } }).connection.stream
