import type pg from 'pg'
import { prepared } from '../database/prepared.ts'
import { type Claimed, isClaimed } from './chunk-rows.ts'
import { type EncodedText, piecesOf } from './encoded-text.ts'

/** Of a text, sent or received at a time: the driver copies each message several times over, and nothing else happens meanwhile. */
const PIECE_BYTES = 1_000_000

const insertOf = (text: string) => `
	INSERT INTO "DocumentText" ("documentId", pages, headings, text) SELECT $1::int, $2::jsonb, $3::jsonb, ${text} WHERE ${isClaimed(4)}
	ON CONFLICT ("documentId") DO UPDATE SET text = EXCLUDED.text, pages = EXCLUDED.pages, headings = EXCLUDED.headings`
const INSERT = insertOf('$5::text')

/** Where the pieces of a long text wait for its row; not compressed, as that is done to the whole. */
const BEGIN_PIECES = `BEGIN; CREATE TEMPORARY TABLE text_piece ("at" int, piece text) ON COMMIT DROP; ALTER TABLE text_piece ALTER piece SET STORAGE EXTERNAL`
const INSERT_PIECES = insertOf(`(SELECT string_agg(piece, '' ORDER BY "at") FROM text_piece)`)

const READ = `
	SELECT octet_length(text) AS bytes, CASE WHEN octet_length(text) <= ${PIECE_BYTES} THEN text END AS text, pages, headings
	FROM "DocumentText" WHERE "documentId" = $1`
/** Materialized, the text is unpacked once. */
const declarePieces = (documentId: number) => `
	DECLARE piece NO SCROLL CURSOR FOR WITH whole AS MATERIALIZED (SELECT convert_to(text, 'UTF8') AS bytes FROM "DocumentText" WHERE "documentId" = ${documentId})
	SELECT "at", substr(bytes, "at" + 1, ${PIECE_BYTES}) AS piece FROM whole, generate_series(0, octet_length(bytes) - 1, ${PIECE_BYTES}) AS "at"`

interface Row extends Pick<EncodedText, 'pages' | 'headings'> {
	bytes: number
	text: string | null
}

/** The texts of documents, megabytes each: they go to the database and come back as they are, past what Prisma makes of values. */
export function createTextRows(pool: pg.Pool) {
	return {
		/** Nothing, once another attempt has the document. */
		async write({ id, claim }: Claimed, { utf8, pages, headings }: EncodedText): Promise<void> {
			const row = [id, JSON.stringify(pages), JSON.stringify(headings), claim]
			if (utf8.length <= PIECE_BYTES) return void (await pool.query(prepared(INSERT, [...row, utf8])))
			await alone(pool, BEGIN_PIECES, async (connection) => {
				let at = 0
				for (const piece of piecesOf(utf8, PIECE_BYTES)) await connection.query('INSERT INTO text_piece VALUES ($1, $2)', [at++, piece])
				await connection.query(INSERT_PIECES, row)
			})
		},

		async read(documentId: number): Promise<EncodedText | null> {
			const { rows } = await pool.query<Row>(prepared(READ, [documentId]))
			const [row] = rows
			if (!row) return null
			const { text, pages, headings } = row
			return text === null ? readPieces(documentId) : { utf8: Buffer.from(text), pages, headings }
		},
	}

	async function readPieces(documentId: number): Promise<EncodedText | null> {
		return alone(pool, 'BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY', async (connection) => {
			const { rows } = await connection.query<Row>(READ, [documentId])
			const [row] = rows
			if (!row) return null
			const { bytes, pages, headings } = row
			const utf8 = Buffer.allocUnsafeSlow(bytes)
			await connection.query(declarePieces(documentId))
			for (;;) {
				const { rows } = await connection.query<{ at: number; piece: Buffer }>('FETCH 1 FROM piece')
				const [next] = rows
				if (!next) return { utf8, pages, headings }
				next.piece.copy(utf8, next.at)
			}
		})
	}
}

/** In a transaction, on a connection that is closed where something goes wrong, and with it the transaction. */
async function alone<Result>(pool: pg.Pool, begin: string, work: (connection: pg.PoolClient) => Promise<Result>): Promise<Result> {
	const connection = await pool.connect()
	let failed = true
	try {
		await connection.query(begin)
		const result = await work(connection)
		await connection.query('COMMIT')
		failed = false
		return result
	} finally {
		connection.release(failed)
	}
}
