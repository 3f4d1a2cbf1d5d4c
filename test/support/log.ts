import { createLog, type Logger } from '../../src/log.ts'

/** A log that keeps everything, down to the level trace. */
export function recordingLog(): { log: Logger; lines: Record<string, unknown>[] } {
	const lines: Record<string, unknown>[] = []
	const write = (line: string) => void lines.push(JSON.parse(line) as Record<string, unknown>)
	return { log: createLog({ level: 'trace', format: 'json' }, { write }), lines }
}
