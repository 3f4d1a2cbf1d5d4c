/** Deterministic numbers in 0..1 (a linear congruential generator with the constants of Numerical Recipes). */
export function random(seed: number): () => number {
	let state = seed >>> 0
	return () => {
		state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
		return state / 2 ** 32
	}
}

const SYLLABLES = 'ba ce di fo gu ha je ki lo mu na pe ri so tu va we xi yo zu'.split(' ')

/** A made-up word; common ones are drawn often, as in a language. */
export function word(next: () => number): string {
	let rank = Math.floor(Math.exp(next() * Math.log(20_000)))
	let text = ''
	do {
		text += SYLLABLES[rank % SYLLABLES.length]
		rank = Math.floor(rank / SYLLABLES.length)
	} while (rank > 0)
	return text
}

/** So many sentences of made-up words, in paragraphs. */
export function prose(sentences: number, seed: number): string {
	const next = random(seed)
	const sentence = () => `The ${Array.from({ length: 12 }, () => word(next)).join(' ')}.`
	return Array.from({ length: sentences }, (_, at) => sentence() + ((at + 1) % 6 === 0 ? '\n\n' : ' ')).join('')
}
