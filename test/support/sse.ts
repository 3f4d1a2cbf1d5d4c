/** One server-sent event. */
export interface SentEvent {
	id?: string
	event: string
	// biome-ignore lint/suspicious/noExplicitAny: tests read events as they are documented
	data: any
}

/** The events of a body; comments are left out. Leaving this leaves the body. */
export async function* eventsIn(response: Response): AsyncGenerator<SentEvent, void, void> {
	const reader = response.body?.getReader()
	const decoder = new TextDecoder()
	let text = ''
	try {
		for (let step = await reader?.read(); step && !step.done; step = await reader?.read()) {
			text += decoder.decode(step.value, { stream: true })
			const blocks = text.split('\n\n')
			text = blocks.pop() ?? ''
			for (const block of blocks) {
				const fields = Object.fromEntries(block.split('\n').map((line) => /^(\w*): ?(.*)$/.exec(line)?.slice(1) ?? ['', '']))
				const { id, event, data = 'null' } = fields as Record<string, string | undefined>
				if (event !== undefined) yield { ...(id !== undefined && { id }), event, data: JSON.parse(data) }
			}
		}
	} finally {
		await reader?.cancel()
	}
}

export async function allEventsIn(response: Response): Promise<SentEvent[]> {
	const events: SentEvent[] = []
	for await (const event of eventsIn(response)) events.push(event)
	return events
}
