/** `npm run bench [requests|chat|start …]`: measures, prints a table, and writes JSON under bench/results/. */
import { mkdir, writeFile } from 'node:fs/promises'
import { cpus } from 'node:os'
import path from 'node:path'
import { chat } from './chat.ts'
import { requests } from './requests.ts'
import type { Row } from './row.ts'
import { start } from './start.ts'

const benchmarks = { start, requests, chat }
const names = Object.keys(benchmarks) as (keyof typeof benchmarks)[]
const asked = process.argv.slice(2)
const unknown = asked.find((name) => !names.some((known) => known === name))
if (unknown) throw new Error(`no benchmark "${unknown}"; there are ${names.join(', ')}`)

const results = path.resolve(import.meta.dirname, 'results')
await mkdir(results, { recursive: true })
console.log(`Node ${process.version}, ${cpus().length} x ${cpus()[0]?.model.trim()}`)
for (const name of names.filter((name) => asked.length === 0 || asked.includes(name))) {
	const rows = await benchmarks[name]()
	console.log(`\n| ${name} | measured | target | |\n|---|---|---|---|`)
	for (const row of rows) console.log(`| ${row.what} | ${rounded(row.value)} ${row.unit} | ${row.target ?? ''} | ${verdict(row)} |`)
	await writeFile(path.join(results, `${name}.json`), `${JSON.stringify({ at: new Date().toISOString(), rows }, null, '\t')}\n`)
}

function rounded(value: number): string {
	return value >= 100 ? value.toFixed(0) : value.toPrecision(3)
}

function verdict({ value, target }: Row): string {
	if (!target) return ''
	const [comparison, bound] = target.split(' ')
	return (comparison === '<=' ? value <= Number(bound) : value >= Number(bound)) ? 'hit' : 'missed'
}
