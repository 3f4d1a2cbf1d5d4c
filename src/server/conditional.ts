import etag from 'etag'
import fresh from 'fresh'

/** Of an answer's bytes before they are compressed, so a weak one. */
export const tagOf = (content: string | Buffer): string => etag(content, { weak: true })

/**
 * Whether a client has what it asks for, by its `If-None-Match`. A `Cache-Control: no-cache` beside it says nothing else: `fetch` adds it by
 * itself, and who wants all of it anew sends no tag.
 */
export function isFresh(asked: Headers, tag: string): boolean {
	const noneMatch = asked.get('if-none-match')
	return noneMatch ? fresh({ 'if-none-match': noneMatch }, { etag: tag }) : false
}
