import { type RawServer, rawServer } from '../models/support.ts'

/** Speaks OpenAI's embeddings: which of these the text speaks of, in whatever language. Answers as `fault` says, where it says something. */
const SUBJECTS = [/library|图书馆/, /harbour|港口/, /mountain|山/, /river|河/]
export interface EmbeddingServer extends RawServer {
	keys: Set<string | undefined>
	fault: ((texts: string[]) => { status?: number; body: unknown } | undefined | Promise<undefined>) | undefined
}

export async function embeddingServer(): Promise<EmbeddingServer> {
	const keys = new Set<string | undefined>()
	const self: Pick<EmbeddingServer, 'fault'> = { fault: undefined }
	const server = await rawServer(async (response, body, { headers }) => {
		keys.add(headers.authorization?.replace('Bearer ', ''))
		const { input } = JSON.parse(body) as { input: string[] }
		const { status = 200, body: answer } = (await self.fault?.(input)) ?? { body: vectors(input.map(vectorOf)) }
		response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(answer))
	})
	return Object.assign(self, server, { keys })
}

/** Not of length 1, as some providers answer. */
const vectorOf = (text: string): number[] => [0.1, ...SUBJECTS.map((subject) => (subject.test(text) ? 5 : 0))]
export const vectors = (all: unknown[]) => ({
	object: 'list',
	data: all.map((embedding, index) => ({ object: 'embedding', index, embedding })),
})
