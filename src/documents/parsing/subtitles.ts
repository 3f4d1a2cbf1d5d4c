import { cleanLine } from './clean.ts'
import { readText } from './text.ts'
import { TextBuilder } from './text-builder.ts'
import type { ParsedText, SourceFile } from './types.ts'

const TIME = /^\s*(?:(\d{1,3}):)?(\d{1,2}):(\d{2})[.,]\d{1,3}\s+-->\s+(?:(\d{1,3}):)?(\d{1,2}):(\d{2})[.,]\d{1,3}/
/** A paragraph ends at a sentence beyond this, and at twice this anywhere. */
const PARAGRAPH = 400
/** So long a silence ends one too, in seconds. */
const PAUSE = 8

/** SRT and WebVTT: what is said, as paragraphs that begin with their time: `[00:01:30] Hello.` */
export async function parseSubtitles(file: SourceFile): Promise<ParsedText> {
	const builder = new TextBuilder(file)
	let paragraph = ''
	let start = 0
	let heard = 0
	const flush = () => {
		if (paragraph !== '') builder.block(`[${clock(start)}] ${paragraph}`)
		paragraph = ''
	}
	for (const cue of cuesOf(await readText(file, 'SRT'))) {
		if (cue.start - heard > PAUSE) flush()
		if (paragraph === '') start = cue.start
		if (!paragraph.endsWith(cue.text)) paragraph = paragraph === '' ? cue.text : `${paragraph} ${cue.text}`
		heard = cue.end
		const isFull = paragraph.length > PARAGRAPH && /[.!?。！？…]["”’」]?$/.test(paragraph)
		if (isFull || paragraph.length > PARAGRAPH * 2) flush()
	}
	flush()
	return builder.finish()
}

interface Cue {
	/** Seconds. */
	start: number
	end: number
	text: string
}

function* cuesOf(text: string): Generator<Cue> {
	let cue: { start: number; end: number; lines: string[] } | null = null
	const finished = (): Cue[] => {
		const said = cue
			? cleanLine(
					cue.lines
						.join(' ')
						.replace(/<v\s+([^>]{1,100})>/g, '$1: ')
						.replace(/<[^<>]{0,200}>|\{\\[^{}]{0,200}\}/g, ''),
				)
			: ''
		return cue && said !== '' ? [{ start: cue.start, end: cue.end, text: said }] : []
	}
	for (const line of text.split(/\r\n?|\n/)) {
		const [, hours, minutes, seconds, endHours, endMinutes, endSeconds] = TIME.exec(line) ?? []
		if (seconds !== undefined) {
			yield* finished()
			cue = { start: secondsOf(hours, minutes, seconds), end: secondsOf(endHours, endMinutes, endSeconds), lines: [] }
		} else if (line.trim() === '') {
			yield* finished()
			cue = null
		} else {
			cue?.lines.push(line)
		}
	}
	yield* finished()
}

const secondsOf = (hours = '0', minutes = '0', seconds = '0'): number => Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds)

const clock = (time: number): string =>
	[time / 3600, (time / 60) % 60, time % 60].map((part) => String(Math.trunc(part)).padStart(2, '0')).join(':')
