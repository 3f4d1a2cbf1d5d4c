import { z } from 'zod'
import { AppError } from '../errors.ts'
import type { AnswerFault } from '../messages.en.ts'

const Answer = z.object({ data: z.array(z.object({ index: z.int().min(0).nullish(), embedding: z.array(z.unknown()).min(1) })) })

/** Of length 1, in the order of the texts. @throws AppError `embedderBroke`, that says what else than a vector for each, all of the same length, came. */
export function vectorsIn(answer: unknown, count: number, provider: string): Float32Array[] {
	const broke = (what: AnswerFault) => new AppError('embedderBroke', { provider, what })
	const { data } = Answer.safeParse(answer).data ?? {}
	if (!data) throw broke('noVectors')
	if (data.length !== count) throw broke('count')
	const isOrdered = data.every(({ index }) => index == null)
	const inOrder = isOrdered ? data : data.toSorted((a, b) => (a.index ?? 0) - (b.index ?? 0))
	if (!isOrdered && inOrder.some(({ index }, at) => index !== at)) throw broke('order')
	if (new Set(data.map(({ embedding }) => embedding.length)).size > 1) throw broke('lengths')
	return inOrder.map(({ embedding }) => {
		const vector = ofLengthOne(embedding)
		if (!vector) throw broke('numbers')
		return vector
	})
}

/** Null for what is no direction: something else than numbers, infinite ones, nothing but zeros. */
function ofLengthOne(numbers: readonly unknown[]): Float32Array | null {
	let squares = 0
	for (const number of numbers) {
		if (typeof number !== 'number') return null
		squares += number * number
	}
	const length = Math.sqrt(squares)
	return length > 0 && Number.isFinite(length) ? Float32Array.from(numbers as number[], (component) => component / length) : null
}
