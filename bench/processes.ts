import { readdir, readFile } from 'node:fs/promises'

/** Resident memory in MB, where /proc says it. */
export async function residentMb(pid: number): Promise<number> {
	const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '')
	return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? Number.NaN) / 1_024
}

/** Of Linux, as getconf CLK_TCK says. */
const TICKS_A_SECOND = 100

interface Times {
	pid: number
	parent: number
	ticks: number
}

/** Processor time of a process with its children, those that have ended included, in seconds; where /proc says it. */
export async function treeSeconds(pid: number): Promise<number> {
	const names = await readdir('/proc').catch(() => [])
	const all = await Promise.all(names.filter((name) => /^\d+$/.test(name)).map(times))
	const known = new Map(all.filter((one) => one !== null).map((one) => [one.pid, one]))
	const isInside = (one: Times | undefined): boolean => one !== undefined && (one.pid === pid || isInside(known.get(one.parent)))
	const inside = [...known.values()].filter(isInside)
	return inside.length === 0 ? Number.NaN : inside.reduce((sum, { ticks }) => sum + ticks, 0) / TICKS_A_SECOND
}

/** proc_pid_stat(5): of itself, and of those children whose end it has seen. */
async function times(pid: string): Promise<Times | null> {
	const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')
	const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
	if (fields.length < 15) return null
	return { pid: Number(pid), parent: Number(fields[1]), ticks: fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0) }
}

/** Looks every now and then, until it is told to stop. @returns the highest value seen. */
export function watchHighest(look: () => Promise<number>, everyMs = 100): { stop(): Promise<number> } {
	let highest = 0
	let isOver = false
	const looking = (async () => {
		while (!isOver) {
			highest = Math.max(highest, await look())
			await new Promise((resolve) => setTimeout(resolve, everyMs))
		}
	})()
	return {
		async stop() {
			isOver = true
			await looking
			return highest
		},
	}
}
