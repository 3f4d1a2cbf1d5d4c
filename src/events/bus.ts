/** What goes over a bus: a JSON object, and a value: whoever published or heard one must not change it. */
export type Message = object

export interface BusListener {
	hear: (message: Message) => void
	/** Messages may have been missed: whatever they announce is to be read again. */
	resync?: (() => void) | undefined
}

export interface BusSubscription {
	/** Resolves when everything published from then on is heard; while the others cannot be heard at once, and `resync` comes with them. */
	active: Promise<void>
	leave(): void
}

/**
 * What every process must hear within a second, kept nowhere. Channels come and go with those who listen. A listener that throws is reported and
 * keeps nobody from hearing.
 */
export interface Bus {
	/**
	 * Tells all who listen to the channel: in this process before it returns, the others too when it resolves, or they will be told to read again.
	 * Never rejects.
	 */
	publish(channel: string, message: Message): Promise<void>
	subscribe(channel: string, listener: BusListener): BusSubscription
	/** Nobody hears any more. */
	stop(): Promise<void>
}

interface Options {
	/** Hears what listeners throw. */
	report(error: unknown): void
}

/** The bus of one process. */
export function createMemoryBus({ report }: Options): Bus {
	const channels = new Map<string, Set<Pick<BusListener, 'hear'>>>()
	const active = Promise.resolve()

	return {
		async publish(channel, message) {
			for (const listener of [...(channels.get(channel) ?? [])]) guarded(() => listener.hear(message), report)
		},
		subscribe(channel, { hear }) {
			const listener = { hear }
			const listeners = channels.get(channel) ?? new Set()
			channels.set(channel, listeners.add(listener))
			return {
				active,
				leave() {
					listeners.delete(listener)
					if (listeners.size === 0 && channels.get(channel) === listeners) channels.delete(channel)
				},
			}
		},
		async stop() {
			channels.clear()
		},
	}
}

/** Calls a listener; what it throws is reported. */
export function guarded(call: () => void, report: (error: unknown) => void): void {
	try {
		call()
	} catch (error) {
		report(error)
	}
}
