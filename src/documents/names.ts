import { transliterate } from 'transliteration'

const MAX_ORIGINAL = 255
const MAX_SAFE = 100

/** A client's file name as it is shown: the last part of its path, NFC, without control characters, at most 255 characters. */
export function originalNameOf(sent: string): string {
	const base = sent.split(/[/\\]/).at(-1) ?? ''
	const clean = base
		.toWellFormed()
		.normalize('NFC')
		.replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, '')
		.trim()
	return shortened(/^\.*$/.test(clean) ? 'file' : clean, MAX_ORIGINAL)
}

/** The same in lower-case ASCII letters, digits, `-`, `_` and `.`: safe in a path, a URL, a header and a log line. */
export function safeNameOf(originalName: string): string {
	const { stem, extension } = parts(originalName)
	const safe = (text: string) =>
		transliterate(text)
			.toLowerCase()
			.replace(/[^a-z0-9._-]+/g, '-')
			.replace(/-{2,}/g, '-')
			.replace(/\.{2,}/g, '.')
	const trimmed = safe(stem).replace(/^[-._]+|[-._]+$/g, '')
	return shortened((trimmed || 'file') + safe(extension).replace(/[^a-z0-9.]/g, ''), MAX_SAFE)
}

/** `report.pdf`, `report-2.pdf`, `report-3.pdf` …: the first that is free. */
export function freeName(wanted: string, taken: ReadonlySet<string>): string {
	const { stem, extension } = parts(wanted)
	for (let number = 1; ; number++) {
		const name = number === 1 ? wanted : `${stem}-${number}${extension}`
		if (!taken.has(name)) return name
	}
}

/** What comes before the extension, and before the number of {@link freeName}. */
export const stemOf = (name: string): string => parts(name).stem

function parts(name: string): { stem: string; extension: string } {
	const [extension = ''] = /(?<=.)\.[^.\s]{1,10}$/u.exec(name) ?? []
	return { stem: name.slice(0, name.length - extension.length), extension }
}

function shortened(name: string, max: number): string {
	if (name.length <= max) return name
	const { stem, extension } = parts(name)
	return (
		stem
			.slice(0, max - extension.length)
			.toWellFormed()
			.replace(/\uFFFD$/, '') + extension
	)
}
