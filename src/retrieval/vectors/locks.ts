/** Runs tasks of one name one after the other, those of different names side by side. */
export function createLocks() {
	const last = new Map<string, Promise<unknown>>()
	return async <Result>(name: string, task: () => Promise<Result>): Promise<Result> => {
		const before = last.get(name)
		const running = before ? before.then(task, task) : task()
		last.set(name, running)
		try {
			return await running
		} finally {
			if (last.get(name) === running) last.delete(name)
		}
	}
}
