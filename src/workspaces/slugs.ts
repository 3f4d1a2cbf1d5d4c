import { slugify } from 'transliteration'

const MAX_LENGTH = 64

/** `我的工作空间` -> `wo-de-gong-zuo-kong-jian`; empty when nothing of the name can be written so. */
export function slugOf(name: string): string {
	return slugify(name.slice(0, 200), { allowedChars: 'a-zA-Z0-9', separator: '-', trim: true })
		.toLowerCase()
		.slice(0, MAX_LENGTH)
		.replace(/^-+|-+$/g, '')
}

/** Lower-case letters, digits and single hyphens between them. */
export const isSlug = (text: string): boolean => text.length <= MAX_LENGTH && /^[a-z0-9]+(-[a-z0-9]+)*$/.test(text)
