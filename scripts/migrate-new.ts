/**
 * Authors a migration offline: `npm run migrate:new <name>` writes what leads from the migrations to prisma/schema.prisma.
 * `--check` writes nothing and fails when the two differ. It is `prisma migrate dev --create-only` with Prisma's engine in WebAssembly
 * over throw-away embedded databases, since the native engine would have to be downloaded.
 */
import { AsyncLocalStorage } from 'node:async_hooks'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { PrismaPg } from '@prisma/adapter-pg'
import { bindMigrationAwareSqlAdapterFactory, ColumnTypeEnum, type SqlDriverAdapter } from '@prisma/driver-adapter-utils'
import { SchemaEngine } from '@prisma/schema-engine-wasm'
import type pg from 'pg'
import { openEmbedded } from '../src/database/embedded.ts'

const [argument] = process.argv.slice(2)
if (!argument || !/^(--check|[a-z][a-z0-9_]*)$/.test(argument)) throw new Error('usage: npm run migrate:new <name_in_snake_case>')

const directory = path.resolve(import.meta.dirname, '../prisma/migrations')
const schemaPath = path.resolve(import.meta.dirname, '../prisma/schema.prisma')
const schema = { path: schemaPath, content: await readFile(schemaPath, 'utf8') }

const difference = await withScratchDatabases(async (main, shadow) => {
	// where the engine leaves the words of a panic
	Object.assign(globalThis, { PRISMA_WASM_PANIC_REGISTRY: { set_message: (message: string) => console.error(message) } })
	const adapters = bindMigrationAwareSqlAdapterFactory({
		provider: 'postgres',
		adapterName: '@prisma/adapter-pg',
		connect: () => connect(main),
		connectToShadowDb: () => connect(shadow),
	})
	const engine = await SchemaEngine.new({ datamodels: [[schema.path, schema.content]] }, () => undefined, adapters)
	const { exitCode, stdout } = await engine.diff({
		from: {
			tag: 'migrations',
			baseDir: directory,
			shadowDbInitScript: '',
			lockfile: { path: 'migration_lock.toml', content: await readFile(path.join(directory, 'migration_lock.toml'), 'utf8') },
			migrationDirectories: await readMigrations(),
		},
		to: { tag: 'schemaDatamodel', files: [schema] },
		script: true,
		exitCode: true,
		filters: { externalTables: [], externalEnums: [] },
	})
	return exitCode === 0 ? undefined : (stdout ?? '')
})

if (difference === undefined) console.log('The migrations and prisma/schema.prisma agree.')
else if (argument === '--check') {
	console.error(`prisma/schema.prisma has changed; run: npm run migrate:new <name>\n${difference}`)
	process.exitCode = 1
} else {
	const folder = path.join(directory, `${new Date().toISOString().replace(/\D/g, '').slice(0, 14)}_${argument}`)
	await mkdir(folder, { recursive: true })
	await writeFile(path.join(folder, 'migration.sql'), difference)
	console.log(`wrote ${path.relative(process.cwd(), folder)}/migration.sql`)
}

async function readMigrations() {
	const names = (await readdir(directory, { withFileTypes: true })).filter((entry) => entry.isDirectory()).map(({ name }) => name)
	return Promise.all(
		names.sort().map(async (name) => {
			const value = await readFile(path.join(directory, name, 'migration.sql'), 'utf8')
			return { path: name, migrationFile: { path: 'migration.sql', content: { tag: 'ok' as const, value } } }
		}),
	)
}

async function withScratchDatabases<Result>(use: (main: pg.Pool, shadow: pg.Pool) => Promise<Result>): Promise<Result> {
	const scratch = await mkdtemp(path.join(tmpdir(), 'migrate-'))
	const open = (name: string) => openEmbedded({ directory: path.join(scratch, name), durable: false, report: console.error })
	await Promise.all(['main', 'shadow'].map((name) => mkdir(path.join(scratch, name))))
	const [main, shadow] = await Promise.all([open('main'), open('shadow')])
	try {
		return await use(main.pool, shadow.pool)
	} finally {
		await Promise.all([main.close(), shadow.close()])
		await rm(scratch, { recursive: true })
	}
}

/**
 * Prisma's adapter refuses PostgreSQL's one-byte `"char"` (type 18), which the engine reads from the catalog and wants as Character.
 * So such columns are passed off as `bpchar` (type 1042), and their Prisma type is set afterwards.
 */
async function connect(pool: pg.Pool): Promise<SqlDriverAdapter> {
	const charColumns = new AsyncLocalStorage<Set<number>>()
	const query = pool.query.bind(pool) as (...args: unknown[]) => Promise<pg.QueryResult>
	pool.query = (async (...args: unknown[]) => {
		const result = await query(...args)
		result.fields?.forEach((field, at) => {
			if (field.dataTypeID !== 18) return
			field.dataTypeID = 1042
			charColumns.getStore()?.add(at)
		})
		return result
	}) as typeof pool.query
	const adapter = await new PrismaPg(pool).connect()
	const queryRaw = adapter.queryRaw.bind(adapter)
	adapter.queryRaw = (sql) =>
		charColumns.run(new Set(), async () => {
			const result = await queryRaw(sql)
			const isChar = (at: number) => charColumns.getStore()?.has(at)
			return { ...result, columnTypes: result.columnTypes.map((type, at) => (isChar(at) ? ColumnTypeEnum.Character : type)) }
		})
	return adapter
}
