import { isSimplified, isTraditional } from './chinese.ts'

/** As BCP 47 calls them: `zh` is Chinese in characters that both scripts have, `und` any other language. */
export type Language = 'zh' | 'zh-Hans' | 'zh-Hant' | 'ja' | 'ko' | 'en' | 'und'

const KANA = /[\p{Script=Hiragana}\p{Script=Katakana}]/u
const HANGUL = /\p{Script=Hangul}/u
const HAN = /\p{Script=Han}/gu
const LETTER = /\p{L}/gu
const LATIN_LETTER = /[a-z]/gi
/** Less of Han, of all letters, is a name in another language's text. */
const LEAST_HAN = 0.3

/** The language of a short text, told by its letters: those of ASCII are taken for English. */
export function languageOf(text: string): Language {
	const letters = text.match(LETTER)?.length ?? 0
	const han = text.match(HAN) ?? []
	if (KANA.test(text)) return 'ja'
	if (HANGUL.test(text)) return 'ko'
	if (letters > 0 && han.length >= LEAST_HAN * letters) return scriptOf(han)
	const latin = text.match(LATIN_LETTER)?.length ?? 0
	return latin > 0 && latin + han.length === letters ? 'en' : 'und'
}

/** By the characters that only one of both has. */
function scriptOf(characters: readonly string[]): Language {
	const traditional = characters.filter(isTraditional).length
	const simple = characters.filter(isSimplified).length
	if (traditional === simple) return 'zh'
	return traditional > simple ? 'zh-Hant' : 'zh-Hans'
}
