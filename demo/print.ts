import type { Answer } from './checks.ts'

const SHOWN = 60

export const print = (line: string): void => console.log(line)

export function section(title: string): void {
	print(`\n${title}\n${'-'.repeat(title.length)}`)
}

/** Indented, whatever lines it has. */
export function printText(text: string): void {
	for (const line of text.trimEnd().split('\n')) print(line === '' ? '' : `  ${line}`)
}

/** The answer, and where each of its citations stands. */
export function printAnswer(answer: Answer): void {
	printText(answer.response)
	printCitations(answer)
}

export function printCitations({ citations }: Answer): void {
	if (citations.length > 0) print('')
	for (const { marker, document, page, start, end, quote } of citations) {
		const place = [document, ...(page === null ? [] : [`page ${page}`]), `characters ${start}-${end}`].join(', ')
		print(`  [${marker}] ${place}: ${quote === null ? 'not supported' : `"${shortened(quote)}"`}`)
	}
}

const shortened = (text: string): string => (text.length <= SHOWN ? text : `${text.slice(0, SHOWN - 1)}…`).replace(/\s+/g, ' ')
