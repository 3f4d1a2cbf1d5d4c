import { z } from 'zod'

const Outcome = z.object({
	id: z.string(),
	question: z.string(),
	language: z.string(),
	/** Whether the documents have an answer. */
	isAnswerable: z.boolean(),
	/** Where what is right stands among the results, from 1. */
	ranks: z.array(z.int().positive()),
	/** How many of the documents are right. */
	relevant: z.int().nonnegative(),
	/** The best of the sources, 0 to 1. */
	score: z.number(),
	/** The document of the first result. */
	found: z.string().nullable(),
	/** Whether one of the expected answers is in the answer; null where none is expected, or nothing was answered. */
	isAnswered: z.boolean().nullable(),
	/** Whether an answer was refused; null where none was asked for. */
	isRefused: z.boolean().nullable(),
	/** Quotes of the answer, and those that stand in the text of their document where they are said to. */
	quotes: z.object({ all: z.int().nonnegative(), found: z.int().nonnegative() }),
	ms: z.number(),
})

/** A question that was asked while half of the documents were away. */
const Removed = z.object({ id: z.string(), language: z.string(), isAnswerable: z.boolean(), score: z.number() })

const SetRun = z.object({
	name: z.string(),
	/** That were searched: passages of a known set, files of one's own; null where nobody counted. */
	documents: z.int().nonnegative().nullable(),
	outcomes: z.array(Outcome),
	removed: z.array(Removed),
})

/** What the figures depend on. Nothing secret: names of models, never keys or addresses. */
const Configuration = z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()]))

/** One evaluation, whole: everything else is counted from it. */
export const Run = z.object({
	version: z.literal(1),
	label: z.string(),
	at: z.iso.datetime(),
	/** Null outside of a checkout; ends with `+` where something was not committed. */
	commit: z.string().nullable(),
	node: z.string(),
	/** The least score of a source, in the mode `query`. */
	threshold: z.number(),
	configuration: Configuration,
	sets: z.array(SetRun),
})

export type Outcome = z.infer<typeof Outcome>
export type Removed = z.infer<typeof Removed>
export type SetRun = z.infer<typeof SetRun>
export type Configuration = z.infer<typeof Configuration>
export type Run = z.infer<typeof Run>

/** As many results are looked at. */
export const RESULTS = 10
/** The rank of the first right result; Infinity without one. */
export const rankOf = ({ ranks }: Pick<Outcome, 'ranks'>): number => Math.min(...ranks)

/** As it is compared: width, case and spaces do not count. */
export const comparable = (text: string): string => text.normalize('NFKC').toLowerCase().replace(/\s+/g, '')

export const containsAny = (text: string, expected: readonly string[]): boolean => {
	const whole = comparable(text)
	return expected.some((part) => whole.includes(comparable(part)))
}
