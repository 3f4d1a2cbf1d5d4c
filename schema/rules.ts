import { z } from 'zod'
import { AppError } from '../src/errors.ts'
import { SLUG } from '../src/workspaces/slugs.ts'

/** PostgreSQL stores neither NUL nor half of a surrogate pair, and no name needs another control character. */
const printable = z.string().regex(/^[^\u0000-\u001f\u007f-\u009f\p{Surrogate}]*$/u)
const text = z.string().regex(/^[^\u0000\p{Surrogate}]*$/u)

/** The argument that names a workspace. What can be no slug names none. */
export const slugArg = { required: true, description: 'The slug of the workspace.', validate: text.meta(SLUG) } as const

/** The same where an id names the thing already. */
export const optionalSlugArg = {
	description: 'The slug of its workspace; without it any that the caller may know of.',
	validate: text.meta(SLUG).nullish(),
} as const

/** Slugs of workspaces; null stands for all of them. */
export const listedSlugs = (max: number) => z.array(text.meta(SLUG)).max(max).nullish()

/** The argument that names a user. */
export const userIdArg = { required: true, description: 'The number of the user.' } as const

/** Characters without width, and those that turn the direction of a line. */
const UNSEEN = String.raw`\u00ad\u061c\u115f\u1160\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufeff\uffa0`
/** Something that is seen: neither a space nor unseen. */
const VISIBLE = new RegExp(`[^\\s${UNSEEN}]`)

/** A name: one line, trimmed, not empty. */
export const line = (max: number) => printable.regex(VISIBLE).trim().max(max)
/** The same where null clears or stands for a default. */
export const optionalLine = (max: number) => line(max).nullish()
/** A name to sign in with: a line in one spelling (NFC), without characters that are not seen, so that no two that differ look the same for them. */
export const username = (max: number) =>
	z
		.string()
		.regex(new RegExp(`^[^\\u0000-\\u001f\\u007f-\\u009f${UNSEEN}\\p{Surrogate}]*$`, 'u'))
		.regex(VISIBLE)
		.trim()
		.max(max)
		.normalize('NFC')
/** Free text, possibly empty, possibly null. */
export const optionalText = (max: number) => text.max(max).nullish()
/** Free text that must say something. */
export const message = (max: number) => text.min(1).max(max).regex(/\S/)
/** A slug to be, or null. */
export const optionalSlug = printable.trim().min(1).max(SLUG.maxLength).meta(SLUG).nullish()
/** Kept as a hash: any characters, and none of them is trimmed. */
export const password = (min: number, max: number) => z.string().min(min).max(max).meta({ format: 'password' })
/** A key as it goes into a header: null clears. */
export const optionalKey = z
	.string()
	.trim()
	.min(1)
	.max(4_096)
	.regex(/^[\x21-\x7e]*$/)
	.nullish()
export const within = (min: number, max: number) => z.number().min(min).max(max)

interface Failure {
	readonly issues: readonly { readonly message: string; readonly path?: readonly (PropertyKey | { key: PropertyKey })[] | undefined }[]
}

/** The first broken rule, in our words. @returns AppError UNPROCESSABLE. */
export function asAppError({ issues: [first] }: Failure): AppError {
	const issue = first as z.core.$ZodIssue | undefined
	const at = String(issue?.path.findLast((step) => typeof step === 'string') ?? 'input')
	switch (issue?.code) {
		case 'too_small':
			if (issue.origin !== 'string') return new AppError('tooSmall', { at, min: Number(issue.minimum) })
			return issue.minimum === 1 ? new AppError('empty', { at }) : new AppError('tooShort', { at, min: Number(issue.minimum) })
		case 'too_big':
			return issue.origin === 'string'
				? new AppError('tooLong', { at, max: Number(issue.maximum) })
				: new AppError('tooLarge', { at, max: Number(issue.maximum) })
		case 'invalid_format':
			return issue.format === 'regex' && ['/\\S/', String(VISIBLE)].includes(String(issue.pattern))
				? new AppError('empty', { at })
				: new AppError('badCharacters', { at })
		default:
			return new AppError('badValue', { at, expected: first?.message ?? 'another value' })
	}
}
