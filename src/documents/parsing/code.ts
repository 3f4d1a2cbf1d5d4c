import { cutText } from './cut-text.ts'
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

/** A declaration's parameters and the body that begins may follow in so many lines. */
const MAX_LINES = 12

function* symbolsOf(text: string): Generator<HeadingMark> {
	const indentations: number[] = []
	let count = 0
	let marked: number | null = null
	for (let start = 0; start < text.length && count < MAX_SYMBOLS; ) {
		const end = endOfLine(text, start)
		const line = end - start > MAX_LINE ? '' : text.slice(start, end)
		const indentation = /^[ \t]*/.exec(line)?.[0].replaceAll('\t', '    ').length ?? 0
		const trimmed = line.trim()
		const title = symbolOf(trimmed) ?? (mayGoOn(trimmed) ? symbolOf(wholeDeclaration(text, trimmed, end)) : null)
		if (title) {
			while ((indentations.at(-1) ?? -1) >= indentation) indentations.pop()
			indentations.push(indentation)
			if (indentations.length <= 6) {
				count++
				yield { level: indentations.length, start: marked ?? start, title }
			}
		}
		marked = !title && MARK.test(trimmed) ? (marked ?? start) : null
		start = end + 1
	}
}

/** A decorator, attribute or annotation alone on its line belongs to the declaration below. */
const MARK =
	/^(?:@[\w.]+(?:\(.*\))?|#!?\[.*\]|\[[A-Z][\w.]*(?:\([^()]*(?:\([^()]*\)[^()]*)*\))?(?:,\s*[A-Z][\w.]*(?:\([^()]*(?:\([^()]*\)[^()]*)*\))?)*\])$/

function endOfLine(text: string, start: number): number {
	const end = text.indexOf('\n', start)
	return end === -1 ? text.length : end
}

/** A name with parameters, closed or not, whose body may begin below. */
const mayGoOn = (line: string): boolean => /^[\p{L}_$~#*&][^;={}]*\([^;{}]*$/u.test(line) && !NO_METHOD.test(line)

/** With the lines up to the one that begins its body, as one. */
function wholeDeclaration(text: string, first: string, end: number): string {
	let whole = first
	for (let lines = 0, at = end + 1; lines < MAX_LINES && at < text.length; lines++) {
		const lineEnd = endOfLine(text, at)
		if (lineEnd - at > MAX_LINE) return ''
		const line = text.slice(at, lineEnd).trim()
		whole += /[(]$/.test(whole) || /^\)/.test(line) ? line : ` ${line}`
		if (/\{$/.test(line)) return /\bfunction\b|=>/.test(whole) ? '' : whole
		if (/[;}]/.test(line) || line === '') return ''
		at = lineEnd + 1
	}
	return ''
}

/** Words before a declaration that say who may see it and how it behaves. */
const MODIFIERS =
	/^(?:(?:export|default|public|private|protected|internal|static|final|abstract|async|override|virtual|sealed|partial|inline|extern|unsafe|open|data|case|pub(?:\([a-z ]+\))?|declare|readonly|synchronized|native|suspend|implicit|lazy|fileprivate|mutating|required|convenience|constexpr|const(?=\s+(?:unsafe\s+)?fn\b)|friend|explicit|template\s*<[^<>]{0,80}>|@[\w.]+(?:\([^()]{0,80}\))?)\s+)*/

const DECLARATIONS: RegExp[] = [
	/^(?:class|interface|struct|enum(?:\s+(?:class|struct))?|trait|impl|protocol|extension|module|namespace|object|record|union|actor|contract|mixin|package)\s+[^\s{(:;=]*[\p{L}_][^{;=]{0,120}/u,
	/^(?:function\*?|func|fn|def|fun|sub|procedure|proc|macro_rules!|defmodule|defp?|defmacro|let rec)\s+(?:\([^()]{0,80}\)\s*|<[^<>]{0,80}>\s*)?[\p{L}_$][\w$.:!?~-]*/iu,
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
	cutText(declaration.replace(/\s*(?:\{.*|=>.*|=\s*(?:async\s*)?(?:function\b|\(|[\w$]+$).*|[:=,]\s*)$/, ''), MAX_TITLE).trim()
