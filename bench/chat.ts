import { startServer } from './child.ts'
import { signIn } from './client.ts'
import { percentile, repeat } from './measure.ts'
import { withPlace } from './place.ts'
import type { Row } from './row.ts'
import { prose, random, word } from './text.ts'

const SLUG = 'default-workspace'
/** Sentences of 14 words; some 25 make a chunk. */
const SENTENCES = 25_000

/** What the product adds to a model that answers at once, over REST, in a workspace of about 1,000 chunks, with a new question each time. */
export const chat = (): Promise<Row[]> =>
	withPlace(async (place) => {
		const server = await startServer({ kind: 'product', place })
		const client = await signIn(server.url)
		for (let part = 0; part < 5; part++) await client.upload(SLUG, `part-${part}.txt`, prose(SENTENCES / 5, part + 1))
		const { documents } = (await client.get(`/workspaces/${SLUG}/documents`)) as { documents: { chunks: number }[] }
		const next = random(99)
		const ask = () =>
			client.post(`/workspaces/${SLUG}/chat`, { message: `What does the ${word(next)} ${word(next)} say about ${word(next)}?` })
		await repeat(50, 4, ask)
		const alone = await repeat(300, 1, ask)
		const before = await server.usage()
		const together = await repeat(800, 8, ask)
		const after = await server.usage()
		await server.stop()
		return [
			{ what: 'chunks in the workspace', value: documents.reduce((sum, { chunks }) => sum + chunks, 0), unit: '' },
			{ what: 'chat, c=1, p50', value: percentile(alone.ms, 0.5), unit: 'ms', target: '<= 15' },
			{ what: 'chat, c=1, p99', value: percentile(alone.ms, 0.99), unit: 'ms', target: '<= 40' },
			{ what: 'chat, c=8', value: together.perSecond, unit: 'chats/s', target: '>= 80' },
			{ what: 'chat, c=8, p99', value: percentile(together.ms, 0.99), unit: 'ms' },
			{ what: 'chat, c=8, CPU a chat', value: (after.cpuMicros - before.cpuMicros) / 1_000 / 800, unit: 'ms' },
		]
	})
