import { parseText } from './text.ts'
import type { HeadingMark, ParsedText, SourceFile } from './types.ts'

/** Source code keeps its text; what it declares are its headings: a method stands below its class. */
export async function parseCode(file: SourceFile): Promise<ParsedText> {
	const { text } = await parseText(file)
	return { text, pages: [], headings: [...symbolsOf(text)] }
}

const MAX_SYMBOLS = 10_000
/** A longer line is data, or made by a tool. */
const MAX_LINE = 400

function* symbolsOf(text: string): Generator<HeadingMark> {
	const indentations: number[] = []
	let count = 0
	for (let start = 0; start < text.length && count < MAX_SYMBOLS; ) {
		const lineEnd = text.indexOf('\n', start)
		const end = lineEnd === -1 ? text.length : lineEnd
		const line = end - start > MAX_LINE ? '' : text.slice(start, end)
		const indentation = /^[ \t]*/.exec(line)?.[0].replaceAll('\t', '    ').length ?? 0
		const title = symbolOf(line.trim())
		if (title) {
			while ((indentations.at(-1) ?? -1) >= indentation) indentations.pop()
			indentations.push(indentation)
			if (indentations.length <= 6) {
				count++
				yield { level: indentations.length, start, title }
			}
		}
		start = end + 1
	}
}

/** Words before a declaration that say who may see it and how it behaves. */
const MODIFIERS =
	/^(?:(?:export|default|public|private|protected|internal|static|final|abstract|async|override|virtual|sealed|partial|inline|extern|unsafe|open|data|case|pub(?:\([a-z ]+\))?|declare|readonly|synchronized|native|suspend|implicit|lazy|fileprivate|mutating|required|convenience|constexpr|friend|explicit|template\s*<[^<>]{0,80}>|@[\w.]+(?:\([^()]{0,80}\))?)\s+)*/

const DECLARATIONS: RegExp[] = [
	/^(?:class|interface|struct|enum(?:\s+(?:class|struct))?|trait|impl|protocol|extension|module|namespace|object|record|union|actor|contract|mixin|package)\s+[^\s{(:;=]*[\p{L}_][^{;=]{0,120}/u,
	/^(?:function\*?|func|fn|def|fun|sub|procedure|proc|macro_rules!|defmodule|defp?|defmacro|let rec)\s+(?:\([^()]{0,80}\)\s*)?[\p{L}_$][\w$.:!?~-]*/iu,
	/^(?:type|typealias|typedef)\s+[\p{L}_][\w<>, ]{0,80}\s*(?:=|struct|interface|\{)/u,
	/^(?:const|let|var|val)\s+[\p{L}_$][\w$]*(?:\s*:[^=]{0,120})?\s*=\s*(?:async\s*)?(?:function\b|\([^()]{0,200}\)\s*(?::[^=]{0,80})?=>|[\w$]+\s*=>)/u,
	/^create\s+(?:or\s+replace\s+)?(?:temp(?:orary)?\s+)?(?:table|view|materialized\s+view|function|procedure|trigger|(?:unique\s+)?index|type)\s+(?:if\s+not\s+exists\s+)?[\w."`[\]]+/i,
	/^[\p{L}_$][\w$]*\s*\(\)\s*\{/u,
]
/** `void run(int x) {`, `constructor(db) {`: a name, parameters, and the body that begins. */
const METHOD =
	/^(?:[\p{L}_$][\w$<>[\],.*&:?]*\s+){0,4}[*&]?([\p{L}_$~#][\w$:~]*)\s*\([^;{}]{0,200}\)\s*(?:const\s*|noexcept\s*|override\s*|throws\s+[\w., ]{1,80}|:\s*[\w<>[\]|., ]{1,80})?\{\s*\}?$/u
const NO_METHOD =
	/^(?:if|for|foreach|while|switch|catch|return|with|else|elif|do|try|new|throw|await|yield|using|lock|synchronized|when|match|unless|until|describe|it|test)\b/

function symbolOf(line: string): string | null {
	const declaration = line.replace(MODIFIERS, '')
	if (NO_METHOD.test(declaration)) return null
	for (const pattern of DECLARATIONS) {
		const [match] = pattern.exec(declaration) ?? []
		if (match) return titleOf(match)
	}
	return METHOD.test(declaration) ? titleOf(declaration) : null
}

const MAX_TITLE = 120

/** What is before the parameters' body and the value. */
const titleOf = (declaration: string): string =>
	declaration
		.replace(/\s*(?:\{.*|=>.*|=\s*(?:async\s*)?(?:function\b|\(|[\w$]+$).*|[:=,]\s*)$/, '')
		.slice(0, MAX_TITLE)
		.trim()
