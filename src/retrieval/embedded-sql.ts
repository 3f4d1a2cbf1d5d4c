import type { GenerationId } from './chunk-index.ts'

/** Any number: two processes that create at once would meet in the catalogue. */
const CREATE_LOCK = 7_203_011

const tableOf = (generation: GenerationId): string => `chunk_index.g${generation}`

/**
 * `states` says, per generation and workspace, when a vector was last written (`revision`, which the rows carry too) and when one was last
 * removed; both come from one sequence, drawn under the state's row lock, so that what is committed later has the larger number.
 */
export const createSql = (generation: GenerationId, dimensions: number | null): string => `
	SELECT pg_advisory_xact_lock(${CREATE_LOCK});
	CREATE EXTENSION IF NOT EXISTS pg_textsearch;
	CREATE SCHEMA IF NOT EXISTS chunk_index;
	CREATE TABLE IF NOT EXISTS chunk_index.generations (id int PRIMARY KEY, dimensions int);
	CREATE SEQUENCE IF NOT EXISTS chunk_index.changes AS int;
	CREATE TABLE IF NOT EXISTS chunk_index.states (
		generation int, workspace_id int, revision int NOT NULL, removals int NOT NULL, PRIMARY KEY (generation, workspace_id)
	);
	CREATE TABLE IF NOT EXISTS ${tableOf(generation)} (
		chunk_id int PRIMARY KEY, document_id int NOT NULL, workspace_id int NOT NULL, revision int NOT NULL, lexemes text NOT NULL, vector bytea
	);
	CREATE INDEX IF NOT EXISTS g${generation}_document ON ${tableOf(generation)} (document_id);
	CREATE INDEX IF NOT EXISTS g${generation}_workspace ON ${tableOf(generation)} (workspace_id, revision, chunk_id);
	INSERT INTO chunk_index.generations VALUES (${generation}, ${dimensions ?? 'NULL'}) ON CONFLICT DO NOTHING`

/** Words are indexed by themselves for each of so many parts of the workspaces. */
const PARTS = 16

/**
 * A search looks for each of its terms in each segment of an index, and there are the more segments the more is in it, as they are merged
 * no further than the embedded database can be held (see `embedded-worker.ts`). So it goes through the segments of few workspaces only:
 * of 50,000 chunks in ten workspaces that takes 2 ms where one index for all takes 7.
 */
export const partOf = (workspaceId: number): number => workspaceId % PARTS

/** Of a generation that was made before there were parts: its one index stays. Building 16 of many chunks would hold the database for minutes. */
export const WHOLE = -1

/** $1 the name of the index that such a generation has. */
export const IS_WHOLE_SQL = `SELECT to_regclass($1) IS NOT NULL AS "isWhole"`
export const wholeIndexOf = (generation: GenerationId): string => `chunk_index.g${generation}_lexemes`

const inPart = (part: number): string => `workspace_id % ${PARTS} = ${part}`

/** BM25's k1 and b: 0.9 and 0.4 are Anserini's defaults, and were best on our questions too. */
export const createPartSql = (generation: GenerationId, part: number): string => `
	SELECT pg_advisory_xact_lock(${CREATE_LOCK});
	CREATE INDEX IF NOT EXISTS g${generation}_lexemes_${part} ON ${tableOf(generation)} USING bm25 (lexemes)
		WITH (text_config = 'simple', k1 = 0.9, b = 0.4) WHERE ${inPart(part)};
	${searchFunctionSql(generation, part, 'search', 'query text, most int', '')};
	${searchFunctionSql(generation, part, 'search_in', 'query text, most int, documents int[]', 'AND document_id = ANY (documents)')}`

/** $1 what `createPartSql` makes last. */
export const IS_MADE_SQL = 'SELECT to_regprocedure($1) IS NOT NULL AS "isMade"'
export const lastOfPart = (generation: GenerationId, part: number): string => `${functionOf(generation, part, 'search_in')}(text,int,int[])`

const functionOf = (generation: GenerationId, part: number, name: 'search' | 'search_in') =>
	`chunk_index.${name}_g${generation}${part === WHOLE ? '' : `_${part}`}`

/**
 * A function, for its settings: where the table is small, the planner would rather score every row than ask the index. Among some documents
 * the index goes on until it has found enough of them.
 */
function searchFunctionSql(generation: GenerationId, part: number, name: 'search' | 'search_in', parameters: string, condition: string) {
	return `
	CREATE OR REPLACE FUNCTION ${functionOf(generation, part, name)}(${parameters}) RETURNS TABLE (chunk_id int, document_id int, score float8)
	LANGUAGE sql STABLE SET enable_seqscan = off SET enable_sort = off AS $$
		SELECT chunk_id, document_id, -bm25_get_current_score() FROM ${tableOf(generation)} WHERE ${inPart(part)} ${condition}
		ORDER BY lexemes <@> to_bm25query(query, 'chunk_index.g${generation}_lexemes_${part}') LIMIT most
	$$`
}

export const dropSql = (generation: GenerationId): string => `
	SELECT pg_advisory_xact_lock(${CREATE_LOCK});
	${[WHOLE, ...Array(PARTS).keys()].map((part) => `DROP FUNCTION IF EXISTS ${functionOf(generation, part, 'search')}, ${functionOf(generation, part, 'search_in')};`).join('\n')}
	DROP TABLE IF EXISTS ${tableOf(generation)};
	DELETE FROM chunk_index.states WHERE generation = ${generation};
	DELETE FROM chunk_index.generations WHERE id = ${generation}`

/** What of a workspace was last written and last removed. */
export interface WorkspaceState {
	revision: number
	removals: number
}

/**
 * $1 generation, $2 workspaces, $3 limit of each part, then for each part its lexemes (none where empty), and at last the documents where only some
 * are wanted. Rows with the states of the workspaces, and rows with hits, their part as `revision`.
 */
export function searchSql(generation: GenerationId, parts: readonly number[], isAmongSome: boolean): string {
	const hits = parts.map((part, at) => {
		const documents = isAmongSome ? `, $${FIRST_LEXEMES + parts.length}` : ''
		const call = `${functionOf(generation, part, isAmongSome ? 'search_in' : 'search')}($${FIRST_LEXEMES + at}, $3${documents})`
		return `UNION ALL SELECT NULL, ${part}, NULL, hits.* FROM ${call} AS hits WHERE $${FIRST_LEXEMES + at} <> ''`
	})
	return `
		SELECT workspace_id, revision, removals, NULL::int AS chunk_id, NULL::int AS document_id, NULL::float8 AS score
		FROM chunk_index.states WHERE generation = $1 AND workspace_id = ANY ($2::int[]) ${hits.join(' ')}`
}

const FIRST_LEXEMES = 4

/** $1 generation, $2 to $6 the columns. Rows that are there already, unchanged, are left alone. */
export const upsertSql = (generation: GenerationId): string => `
	WITH incoming AS (
		SELECT * FROM unnest($2::int[], $3::int[], $4::int[], $5::text[], $6::bytea[]) AS row (chunk_id, document_id, workspace_id, lexemes, vector)
	), state AS (
		INSERT INTO chunk_index.states (generation, workspace_id, revision, removals)
		SELECT $1::int, workspace_id, nextval('chunk_index.changes'), nextval('chunk_index.changes')
		FROM (SELECT DISTINCT workspace_id FROM incoming ORDER BY workspace_id) AS workspaces
		ON CONFLICT (generation, workspace_id) DO UPDATE SET revision = nextval('chunk_index.changes')
		RETURNING workspace_id, revision
	)
	INSERT INTO ${tableOf(generation)} AS old (chunk_id, document_id, workspace_id, revision, lexemes, vector)
	SELECT chunk_id, document_id, workspace_id, revision, lexemes, vector FROM incoming JOIN state USING (workspace_id)
	ON CONFLICT (chunk_id) DO UPDATE SET
		document_id = excluded.document_id, workspace_id = excluded.workspace_id,
		revision = excluded.revision, lexemes = excluded.lexemes, vector = excluded.vector
	WHERE (old.document_id, old.workspace_id, old.lexemes, old.vector)
		IS DISTINCT FROM (excluded.document_id, excluded.workspace_id, excluded.lexemes, excluded.vector)`

/** $1 and $2 the first id and the one after the last, $3 at most so many rows. */
export const listSql = (generation: GenerationId): string =>
	`SELECT chunk_id AS "chunkId", document_id AS "documentId" FROM ${tableOf(generation)} WHERE chunk_id >= $1::bigint AND chunk_id < $2::bigint LIMIT $3`

/** $1 generation, $2 chunks. Answers how many rows it removed. */
export const removeChunksSql = (generation: GenerationId): string => removeSql(generation, 'chunk_id = ANY ($2::int[])')

/** $1 generation, $2 document. Answers how many rows it removed. */
export const removeDocumentSql = (generation: GenerationId): string => removeSql(generation, 'document_id = $2')

/** $1 generation, $2 workspace, $3 at most so many rows. Answers how many it removed. */
export const removeWorkspaceSql = (generation: GenerationId): string =>
	removeSql(generation, `chunk_id IN (SELECT chunk_id FROM ${tableOf(generation)} WHERE workspace_id = $2 LIMIT $3)`)

const removeSql = (generation: GenerationId, condition: string): string => `
	WITH gone AS (
		DELETE FROM ${tableOf(generation)} WHERE ${condition} RETURNING workspace_id
	), state AS (
		UPDATE chunk_index.states SET removals = nextval('chunk_index.changes')
		WHERE generation = $1 AND workspace_id IN (SELECT workspace_id FROM gone)
	)
	SELECT count(*)::int AS removed FROM gone`

/** $1 generation, $2 workspace. */
export const FORGET_STATE_SQL = 'DELETE FROM chunk_index.states WHERE generation = $1 AND workspace_id = $2'

/** $1 workspace. The ids of its chunks, four bytes each. */
export const chunkIdsSql = (generation: GenerationId): string =>
	`SELECT string_agg(int4send(chunk_id), ''::bytea) AS ids FROM ${tableOf(generation)} WHERE workspace_id = $1`

/** $1 workspace, $2 and $3 the revision and chunk before the page, $4 rows. */
export const changedVectorsSql = (generation: GenerationId): string => `
	SELECT chunk_id, document_id, revision, vector FROM ${tableOf(generation)}
	WHERE workspace_id = $1 AND (revision, chunk_id) > ($2, $3) ORDER BY revision, chunk_id LIMIT $4`
