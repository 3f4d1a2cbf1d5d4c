import type pg from 'pg'
import type { ParsedText } from './parsing/types.ts'

/** The texts of documents, megabytes each: they go to the database and come back as they are, past what Prisma makes of values. */
export function createTextRows(pool: pg.Pool) {
	return {
		async write(documentId: number, { text, pages, headings }: ParsedText): Promise<void> {
			await pool.query(
				`INSERT INTO "DocumentText" ("documentId", text, pages, headings) VALUES ($1, $2, $3, $4)
				ON CONFLICT ("documentId") DO UPDATE SET text = EXCLUDED.text, pages = EXCLUDED.pages, headings = EXCLUDED.headings`,
				[documentId, text, JSON.stringify(pages), JSON.stringify(headings)],
			)
		},

		async read(documentId: number): Promise<ParsedText | null> {
			const { rows } = await pool.query<ParsedText>('SELECT text, pages, headings FROM "DocumentText" WHERE "documentId" = $1', [
				documentId,
			])
			return rows[0] ?? null
		},
	}
}
