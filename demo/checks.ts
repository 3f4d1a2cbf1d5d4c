import type { Citation, Source } from '../src/chat/events.ts'

/** What each surface answers, in REST's form. */
export interface Answer {
	response: string
	sources: Source[]
	citations: Citation[]
	threadId: string
}

/** The text of a document as GET …/text gives it. */
export interface DocumentText {
	documentId: number
	filename: string
	text: string
}

/**
 * An answer is good when a citation of the right document quotes what was expected, and all that it shows of documents stands there,
 * character for character.
 * @throws Error saying what is not so.
 */
export function expectAnswer(
	{ message, filename, expected }: { message: string; filename: string; expected: string },
	{ sources, citations }: Answer,
	texts: readonly DocumentText[],
): void {
	const textOf = (documentId: number) => texts.find((text) => text.documentId === Number(documentId))?.text ?? ''
	for (const { documentId, start, end, chunk } of sources)
		if (textOf(documentId).slice(start, end) !== chunk) throw new Error(`a source of "${message}" is not what stands at ${start}-${end}`)
	for (const { documentId, start, end, quote, supported } of citations) {
		if (supported !== (quote !== null)) throw new Error(`a citation of "${message}" contradicts itself`)
		if (start === null || end === null) continue
		if (textOf(documentId).slice(start, end) !== quote) throw new Error(`a quote of "${message}" is not what stands at ${start}-${end}`)
	}
	const isQuoted = citations.some(({ document, quote }) => document === filename && quote?.includes(expected))
	if (!isQuoted) throw new Error(`no citation of "${message}" says "${expected}"`)
}

/** @throws Error when the answer has a source, or cites one. */
export function expectRefusal(message: string, { sources, citations }: Answer): void {
	if (sources.length + citations.length > 0) throw new Error(`"${message}" was answered from the documents`)
}
