import type pg from 'pg'
import type { PrismaClient } from '../../database/database.ts'
import type { Jobs } from '../../jobs/jobs.ts'
import type { Logger } from '../../log.ts'
import type { ChunkIndex } from '../../retrieval/chunk-index.ts'
import type { Serving } from '../../retrieval/retrieval.ts'
import type { Storage } from '../../storage/storage.ts'
import type { Finding } from './findings.ts'

/** What the reconciler and its checks work on. */
export interface Dependencies {
	prisma: PrismaClient
	pool: pg.Pool
	storage: Storage
	jobs: Pick<Jobs, 'enqueue'>
	index: ChunkIndex
	serving(): Promise<Serving | null>
	watcher: ReconcilingWatcher
	log: Logger
}

/** Hears what the reconciler does. */
export interface ReconcilingWatcher {
	found(finding: Finding, count: number): void
	/** It has been through everything. */
	reconciled(): void
}
