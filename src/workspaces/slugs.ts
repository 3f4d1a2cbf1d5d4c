import { slugify } from 'transliteration'

/** Lower-case letters, digits and single hyphens between them. */
export const SLUG = { pattern: '^[a-z0-9]+(-[a-z0-9]+)*$', maxLength: 64 }
const pattern = new RegExp(SLUG.pattern)

/** `我的工作空间` -> `wo-de-gong-zuo-kong-jian`; empty when nothing of the name can be written so. */
export function slugOf(name: string): string {
	return slugify(name.slice(0, 200), { allowedChars: 'a-zA-Z0-9', separator: '-', trim: true })
		.toLowerCase()
		.slice(0, SLUG.maxLength)
		.replace(/^-+|-+$/g, '')
}

export const isSlug = (text: string): boolean => text.length <= SLUG.maxLength && pattern.test(text)
