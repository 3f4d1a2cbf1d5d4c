import { readFile } from 'node:fs/promises'
import { Tokenizer } from '@huggingface/tokenizers'
import { InferenceSession, Tensor } from 'onnxruntime-node'
import { ensureModel, tokenizerPath } from './model-file.ts'
import type { ChildOptions } from './protocol.ts'
import { DIMENSIONS } from './protocol.ts'
import { stretchesOf, type Window } from './windows.ts'

export interface Session {
	/** The text as the model's tokens, without marks of beginning and end. */
	tokens(text: string): number[]
	/** The vector of a window, of length 1. */
	run(window: Window): Promise<Float32Array>
}

export async function openSession({ directory, threads }: ChildOptions): Promise<Session> {
	const file = await ensureModel(directory)
	const tokenizer = new Tokenizer(JSON.parse(await readFile(tokenizerPath, 'utf8')), {})
	const session = await InferenceSession.create(file, {
		intraOpNumThreads: threads,
		interOpNumThreads: 1,
		executionMode: 'sequential',
		// Keeps the memory of the largest run for ever otherwise.
		enableCpuMemArena: false,
	})
	return {
		tokens: (text) => [...stretchesOf(text)].flatMap((stretch) => tokenizer.encode(stretch, { add_special_tokens: false }).ids),
		async run({ ids }) {
			const { vectors } = await session.run({ ids: new Tensor('int64', BigInt64Array.from(ids, BigInt), [1, ids.length]) })
			if (!(vectors?.data instanceof Float32Array) || vectors.data.length !== DIMENSIONS) throw new Error('the model answered no vector')
			return vectors.data
		},
	}
}
