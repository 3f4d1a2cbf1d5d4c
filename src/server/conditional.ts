import etag from 'etag'
import fresh from 'fresh'

/** Of an answer's bytes before they are compressed, so a weak one. */
export const tagOf = (content: string | Buffer): string => etag(content, { weak: true })

/** Whether a client has what it asks for, by its `If-None-Match`. It has nothing that it asks to be sent again (`Cache-Control: no-cache`). */
export function isFresh(asked: Headers, tag: string): boolean {
	const noneMatch = asked.get('if-none-match')
	if (!noneMatch) return false
	return fresh({ 'if-none-match': noneMatch, 'cache-control': asked.get('cache-control') ?? undefined }, { etag: tag })
}
