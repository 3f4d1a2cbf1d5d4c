/** The path of a URL as it was sent, without the query string. */
export function pathOf(url: string): string {
	const start = url.indexOf('/', url.indexOf('//') + 2)
	return url.slice(start < 0 ? url.length : start).split('?', 1)[0] ?? ''
}
