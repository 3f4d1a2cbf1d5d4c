import type pg from 'pg'
import { asMetadata } from '../documents/metadata.ts'
import type { Period } from '../pages.ts'

/** Of which documents the results may be; without anything, of all. */
export interface SearchFilter extends Period {
	documentIds?: readonly number[] | null | undefined
	/** Formats, as `Document.format` has them. */
	types?: readonly string[] | null | undefined
	/** What the documents' metadata must have: these keys with these values. */
	metadata?: unknown
}

const SQL = `
	SELECT id, "workspaceId" FROM "Document" WHERE "workspaceId" = ANY ($1::int[]) AND status = 'processed'
	AND ($2::int[] IS NULL OR id = ANY ($2)) AND ($3::text[] IS NULL OR format = ANY ($3))
	AND ($4::timestamptz IS NULL OR "createdAt" >= $4) AND ($5::timestamptz IS NULL OR "createdAt" < $5)
	AND NOT EXISTS (SELECT FROM jsonb_each($6::jsonb) AS wanted WHERE metadata -> wanted.key IS DISTINCT FROM wanted.value)`

/**
 * The documents of these workspaces that the filter lets through, and the workspaces that have any; null where it asks for nothing.
 * @throws AppError UNPROCESSABLE for metadata that is no JSON object.
 */
export async function documentsOf(
	pool: pg.Pool,
	workspaceIds: readonly number[],
	{ documentIds, types, metadata, createdSince, createdBefore }: SearchFilter,
): Promise<{ documentIds: number[]; workspaceIds: ReadonlySet<number> } | null> {
	const wanted = metadata == null ? null : JSON.stringify(asMetadata(metadata))
	const values = [documentIds ?? null, types ?? null, createdSince ?? null, createdBefore ?? null, wanted]
	if (values.every((value) => value === null)) return null
	const { rows } = await pool.query<{ id: number; workspaceId: number }>(SQL, [workspaceIds, ...values])
	return { documentIds: rows.map(({ id }) => id), workspaceIds: new Set(rows.map(({ workspaceId }) => workspaceId)) }
}
