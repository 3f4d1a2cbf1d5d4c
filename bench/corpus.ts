import { type QuestionSet, readSet } from '../eval/sets.ts'
import { sentences } from '../src/text/sentences.ts'
import { estimateTokens } from '../src/text/tokens.ts'
import { random } from './text.ts'

/** Real sentences and real questions, half of both English; null where the sets are not at hand. */
export interface Corpus {
	/** A text of about so many tokens, in one language: sentences drawn at random. */
	document(tokens: number, seed: number): string
	/** Different ones; after thousands they begin again. */
	question(at: number): string
}

const ENGLISH = ['xquad-en']
const CHINESE = ['xquad-zh', 'drcd-dev', 'cmrc2018-trial']
const PARAGRAPH = 6

export async function readCorpus(): Promise<Corpus | null> {
	const [english, chinese] = await Promise.all([readLanguage(ENGLISH), readLanguage(CHINESE)])
	if (!english || !chinese) return null
	const languages = [english, chinese] as const
	return {
		document(tokens, seed) {
			const { sentences, separator } = languages[seed % 2 === 0 ? 0 : 1]
			const next = random(seed)
			let text = ''
			for (let left = tokens, at = 1; left > 0; at++) {
				const sentence = sentences[Math.floor(next() * sentences.length)] ?? ''
				left -= estimateTokens(sentence)
				text += sentence + (at % PARAGRAPH === 0 ? '\n\n' : separator)
			}
			return text
		},
		question(at) {
			const { questions } = languages[at % 2 === 0 ? 0 : 1]
			return questions[Math.floor(at / 2) % questions.length] ?? ''
		},
	}
}

async function readLanguage(names: readonly string[]) {
	const sets = (await Promise.all(names.map(readSet))).filter((set): set is QuestionSet => set !== null)
	if (sets.length < names.length) return null
	const texts = sets.flatMap(({ passages }) => passages.map(({ text }) => text))
	return {
		sentences: texts.flatMap((text) => [...sentences(text)].map(([start, end]) => text.slice(start, end).trim())),
		separator: names === ENGLISH ? ' ' : '',
		questions: sets.flatMap(({ questions }) => questions.map(({ question }) => question)),
	}
}
