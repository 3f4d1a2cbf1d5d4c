import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import type { Question, Reply, Subject, Usage } from './subject.ts'

/** A server under test. */
export interface Server {
	url: string
	pid: number
	/** Processor time of all its threads so far, in microseconds, and its memory. Its children do not count. */
	usage(): Promise<Usage>
	/** The same, once the memory that is not needed is given back. */
	collect(): Promise<Usage>
	stop(): Promise<void>
}

const FLAGS = ['--disable-warning=ExperimentalWarning', '--max-semi-space-size=8']

export async function startServer(subject: Subject): Promise<Server> {
	const child = fork(new URL('./server.ts', import.meta.url), [JSON.stringify(subject)], {
		execArgv: FLAGS,
		stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
	})
	const started = await heard(child)
	if (!('port' in started)) throw new Error('the server said something else than its port')
	async function asked(question: Question) {
		child.send(question)
		const answer = await heard(child)
		if ('port' in answer) throw new Error('the server said its port twice')
		return answer
	}

	return {
		url: `http://127.0.0.1:${started.port}`,
		pid: child.pid ?? 0,
		usage: () => asked('usage'),
		collect: () => asked('collect'),
		async stop() {
			const ended = once(child, 'exit')
			child.send('stop' satisfies Question)
			await ended
		},
	}
}

async function heard(child: ChildProcess): Promise<Reply> {
	const over = new AbortController()
	const ended = once(child, 'exit', over).then(() => {
		throw new Error('the server ended')
	})
	ended.catch(() => undefined) // aborted, as the message came first
	const [message] = (await Promise.race([once(child, 'message', over), ended])) as [Reply]
	over.abort()
	return message
}
