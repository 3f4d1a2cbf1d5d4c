import { createHash, randomUUID } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import path from 'node:path'
import type pg from 'pg'

const MIGRATIONS = path.resolve(import.meta.dirname, '../../prisma/migrations')

const HISTORY = `CREATE TABLE IF NOT EXISTS _prisma_migrations (
	id VARCHAR(36) PRIMARY KEY NOT NULL, checksum VARCHAR(64) NOT NULL, finished_at TIMESTAMPTZ, migration_name VARCHAR(255) NOT NULL,
	logs TEXT, rolled_back_at TIMESTAMPTZ, started_at TIMESTAMPTZ NOT NULL DEFAULT now(), applied_steps_count INTEGER NOT NULL DEFAULT 0)`

/**
 * Applies the migrations that the database lacks, each in a transaction: `prisma migrate deploy` without its native engine, with its
 * table and checksums, so that the native tool may take over. One process at a time.
 * @throws Error when an applied migration was edited, or one failed earlier.
 */
export async function migrate(connection: pg.ClientBase): Promise<void> {
	await connection.query(HISTORY)
	const { rows } = await connection.query<{ migration_name: string; checksum: string; finished_at: Date | null }>(
		'SELECT migration_name, checksum, finished_at FROM _prisma_migrations WHERE rolled_back_at IS NULL',
	)
	const applied = new Map(rows.map((row) => [row.migration_name, row]))
	for (const { name, sql } of await readMigrations()) {
		const checksum = createHash('sha256').update(sql).digest('hex')
		const row = applied.get(name)
		if (row && !row.finished_at) throw new Error(`The migration ${name} failed earlier; repair the database first.`)
		if (row && row.checksum !== checksum) throw new Error(`The migration ${name} was edited after it was applied.`)
		if (!row) await apply(connection, name, sql, checksum)
	}
}

async function readMigrations(): Promise<{ name: string; sql: string }[]> {
	const folders = (await readdir(MIGRATIONS, { withFileTypes: true })).filter((entry) => entry.isDirectory()).map(({ name }) => name)
	return Promise.all(
		folders.sort().map(async (name) => ({ name, sql: await readFile(path.join(MIGRATIONS, name, 'migration.sql'), 'utf8') })),
	)
}

async function apply(connection: pg.ClientBase, name: string, sql: string, checksum: string): Promise<void> {
	await connection.query('BEGIN')
	try {
		await connection.query(sql)
		await connection.query(
			`INSERT INTO _prisma_migrations (id, checksum, migration_name, started_at, finished_at, applied_steps_count)
			VALUES ($1, $2, $3, now(), clock_timestamp(), 1)`,
			[randomUUID(), checksum, name],
		)
		await connection.query('COMMIT')
	} catch (error) {
		await connection.query('ROLLBACK')
		throw error
	}
}
