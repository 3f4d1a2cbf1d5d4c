/** `npm run bench [start|requests|sockets|chat|search|ingest|engines|workers …]`: measures, prints a table, and writes JSON under bench/results/. With DATABASE_URL,
 * MILVUS_ADDRESS and REDIS_URL it runs on them, each benchmark in a database of its own; `engines` and `workers` need them. */
import { mkdir, writeFile } from 'node:fs/promises'
import { cpus } from 'node:os'
import path from 'node:path'
import { chat } from './chat.ts'
import { engines } from './engines.ts'
import { ingest } from './ingest.ts'
import { engines as usedEngines } from './place.ts'
import { requests } from './requests.ts'
import type { Row } from './row.ts'
import { search } from './search.ts'
import { sockets } from './sockets.ts'
import { start } from './start.ts'
import { workers } from './workers.ts'

const benchmarks = { start, requests, sockets, chat, search, ingest, engines, workers }
const names = Object.keys(benchmarks) as (keyof typeof benchmarks)[]
const NEEDS: Partial<Record<keyof typeof benchmarks, string>> = { workers: 'DATABASE_URL and REDIS_URL', search: '../shared/qa' }
const asked = process.argv.slice(2)
const unknown = asked.find((name) => !names.some((known) => known === name))
if (unknown) throw new Error(`no benchmark "${unknown}"; there are ${names.join(', ')}`)

const results = path.resolve(import.meta.dirname, 'results')
await mkdir(results, { recursive: true })
console.log(`Node ${process.version}, ${cpus().length} x ${cpus()[0]?.model.trim()}; ${usedEngines}`)
for (const name of names.filter((name) => asked.length === 0 || asked.includes(name))) {
	const rows = await benchmarks[name]()
	if (rows.length === 0) {
		console.log(`\n${name}: skipped, as it needs ${NEEDS[name] ?? 'DATABASE_URL'}`)
		continue
	}
	console.log(`\n| ${name} | measured | target | |\n|---|---|---|---|`)
	for (const row of rows) console.log(`| ${row.what} | ${rounded(row.value)} ${row.unit} | ${row.target ?? ''} | ${verdict(row)} |`)
	await writeFile(
		path.join(results, `${name}.json`),
		`${JSON.stringify({ at: new Date().toISOString(), engines: usedEngines, rows }, null, '\t')}\n`,
	)
}

function rounded(value: number): string {
	return value >= 100 ? value.toFixed(0) : value.toPrecision(3)
}

function verdict({ value, target }: Row): string {
	if (!target) return ''
	const [comparison, bound] = target.split(' ')
	return (comparison === '<=' ? value <= Number(bound) : value >= Number(bound)) ? 'hit' : 'missed'
}
