import type { Language } from '../../errors.ts'
import { tagOf } from '../conditional.ts'
import type { Envelope } from './envelope.ts'

interface Written {
	readonly text: string
	/** In bytes, as a header says it. */
	readonly length: string
	/** Of what may be asked for again. */
	readonly tag?: string
}

export function written(body: Envelope): Written {
	const text = JSON.stringify(body)
	return { text, length: String(Buffer.byteLength(text)) }
}

const known = new WeakMap<object, Map<Language, Written>>()

/** Of a read, with its tag. The same data in the same language is written once. */
export function writtenOnce(body: Envelope, language: Language): Written {
	const { data } = body
	if (typeof data !== 'object' || data === null) return tagged(body)
	const texts = known.get(data) ?? new Map<Language, Written>()
	known.set(data, texts)
	const once = texts.get(language) ?? tagged(body)
	texts.set(language, once)
	return once
}

function tagged(body: Envelope): Written {
	const { text, length } = written(body)
	return { text, length, tag: tagOf(text) }
}
