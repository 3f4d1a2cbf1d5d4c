/** Few headers are in use, each in every request of its client. */
const MAX_REMEMBERED = 1000
const MAX_LENGTH = 500

/** What a header says is looked for once for each way in which it is written. */
export function remembered<Found>(find: (header: string) => Found): (header: string) => Found {
	const known = new Map<string, Found>()
	return (header) => {
		const before = known.get(header)
		if (before !== undefined) return before
		const found = find(header)
		if (known.size < MAX_REMEMBERED && header.length <= MAX_LENGTH) known.set(header, found)
		return found
	}
}
