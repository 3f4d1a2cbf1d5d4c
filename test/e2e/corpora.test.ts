import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import type { Session } from '../support/session.ts'
import { documentEvents, serve, signInAsAdmin, startedDirectory } from './support.ts'

const CORPORA = path.resolve(import.meta.dirname, '../../../shared/corpora')
const DOCUMENTS = '/workspaces/default-workspace/documents'

interface Sample {
	file: string
	ext: string
	/** What extracted the text. */
	oracle: string
	/** Characters of it that are no white space; 0 for a scan. */
	chars: number
}

const samples: Sample[] = existsSync(CORPORA) ? JSON.parse(await readFile(path.join(CORPORA, 'manifest.json'), 'utf8')) : []

/** The manifest's length is that of the text: ours is within a tenth of it. */
const SAME: Share = [0.9, 1.1]
type Share = [least: number, most: number]

/** And where it is of something else, by the oracle and the extension. */
const OTHERWISE: Record<string, Share> = {
	'pandoc docx': [0.15, 1.1], // draws the rules of tables, and describes pictures
	'pandoc html': [0.6, 1.1], // keeps menus
	'zipxml pptx': [0.9, 1.75], // cells once each: our rows repeat their header
	'zipxml xlsx': [0.9, 1.75],
	'xls2csv xls': [0.9, 1.75],
	'raw csv': [0.9, 1.2],
	'raw md': [0.9, 1.3], // rows of its tables repeat their header
	'unrtf rtf': [0.2, 1.1], // adds comments of its own
	'pyemail eml': [0.9, 2.5], // the body alone, without who, when and what about
	'raw mhtml': [0.005, 1.1], // markup and pictures in base64
	'raw msg': [0.005, 1.1],
	'raw xml': [0.4, 1.1],
}

describe.skipIf(samples.length === 0)('the files of ../shared/corpora, sent to a server, reach the right end', () => {
	let session: Session
	beforeAll(async () => {
		session = await signInAsAdmin(await serve(await startedDirectory()))
	})

	it.each(samples)('$file', async ({ file, ext, oracle, chars }) => {
		const bytes = new Uint8Array(await readFile(path.join(CORPORA, file)))
		const reply = await session.upload('default-workspace', path.basename(file), bytes)
		expect(reply.status, reply.envelope.error ?? '').toBe(201)
		const { id } = reply.data.document
		const end = (await Array.fromAsync(documentEvents(session, id))).at(-1)
		if (chars === 0) {
			expect(end).toMatchObject({ status: 'FAILED', error: { code: 'UNPROCESSABLE', reason: expect.stringContaining('没有文本') } })
			return
		}
		expect(end).toMatchObject({ status: 'PROCESSED', error: null })
		const { text } = await session.rest<{ text: string }>('GET', `${DOCUMENTS}/${id}/text`)
		const [least, most] = OTHERWISE[`${oracle} ${ext}`] ?? SAME
		const share = text.replace(/\s/g, '').length / chars
		expect(share).toBeGreaterThanOrEqual(least)
		expect(share).toBeLessThanOrEqual(most)
	})

	it('are 57', () => expect(samples).toHaveLength(57))
})
