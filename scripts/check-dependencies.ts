/**
 * Fails when docs/dependencies.md and package.json disagree. Each package has one row there, `| `name` | what for | why this one | licence |`,
 * the platform builds of one package share a row, and the licence is the one that the installed package states.
 */
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { z } from 'zod'

const root = path.resolve(import.meta.dirname, '..')
const names = z.record(z.string(), z.string()).default({})
const manifest = z
	.object({ dependencies: names, devDependencies: names, optionalDependencies: names })
	.parse(JSON.parse(await readFile(path.join(root, 'package.json'), 'utf8')))
const needed = Object.values(manifest).flatMap((group) => Object.keys(group))
const rows = parseRows(await readFile(path.join(root, 'docs/dependencies.md'), 'utf8'))
const described = rows.flatMap((row) => row.names)

const wrong = [
	...needed.filter((name) => !described.includes(name)).map((name) => `${name} is missing`),
	...described.filter((name) => !needed.includes(name)).map((name) => `${name} is not in package.json`),
	...described.filter((name, at) => described.indexOf(name) !== at).map((name) => `${name} stands there twice`),
	...(await Promise.all(rows.map(complaints))).flat(),
]
for (const line of wrong) console.error(`docs/dependencies.md: ${line}`)
if (wrong.length > 0) process.exitCode = 1

interface Row {
	names: string[]
	cells: string[]
}

function parseRows(markdown: string): Row[] {
	return markdown.split('\n').flatMap((line) => {
		const [first, ...cells] = line
			.split('|')
			.slice(1, -1)
			.map((cell) => cell.trim())
		const names = [...(first ?? '').matchAll(/`([^`]+)`/g)].map(([, name]) => name ?? '')
		return names.length > 0 ? [{ names, cells }] : []
	})
}

async function complaints({ names: [name = ''], cells }: Row): Promise<string[]> {
	if (cells.length !== 3 || cells.includes('')) return [`${name} needs what for, why this one, and its licence`]
	const stated = await licenceOf(name)
	return stated === undefined || stated === cells[2] ? [] : [`${name} is under ${stated}, not ${cells[2]}`]
}

/** Undefined where the package is for another platform, or states none. */
async function licenceOf(name: string): Promise<string | undefined> {
	const text = await readFile(path.join(root, 'node_modules', name, 'package.json'), 'utf8').catch(() => '{}')
	return z.object({ license: z.string().optional() }).parse(JSON.parse(text)).license
}
