import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { openEmbedded } from '../../src/database/embedded.ts'
import { createEmbeddedIndex } from '../../src/retrieval/embedded-index.ts'
import { describeChunkIndex } from './chunk-index-suite.ts'

describeChunkIndex('in the embedded database', async () => {
	const directory = mkdtempSync(path.join(tmpdir(), 'index-'))
	const { pool, close } = await openEmbedded({ directory, durable: false, report: console.error })
	const index = createEmbeddedIndex({ pool })
	return {
		index,
		async close() {
			await index.close()
			await close()
			rmSync(directory, { recursive: true })
		},
	}
})
