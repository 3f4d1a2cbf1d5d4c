import type pg from 'pg'
import { prepared } from '../database/prepared.ts'
import { type Claimed, isClaimed } from './chunk-rows.ts'
import type { ParsedText } from './parsing/types.ts'

/** The texts of documents, megabytes each: they go to the database and come back as they are, past what Prisma makes of values. */
export function createTextRows(pool: pg.Pool) {
	return {
		/** Nothing, once another attempt has the document. */
		async write({ id, claim }: Claimed, { text, pages, headings }: ParsedText): Promise<void> {
			await pool.query(
				prepared(
					`INSERT INTO "DocumentText" ("documentId", text, pages, headings) 
				SELECT $1::int, $2::text, $3::jsonb, $4::jsonb WHERE ${isClaimed(5)}
				ON CONFLICT ("documentId") DO UPDATE SET text = EXCLUDED.text, pages = EXCLUDED.pages, headings = EXCLUDED.headings`,
					[id, text, JSON.stringify(pages), JSON.stringify(headings), claim],
				),
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
