/** Writes `.env.example` from the variables in src/config.ts. `--check` writes nothing and fails when it is not current. */
import { readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { z } from 'zod'
import { variables } from '../src/config.ts'

const file = path.resolve(import.meta.dirname, '../.env.example')
const shape = z.object({
	properties: z.record(
		z.string(),
		z.object({
			description: z.string(),
			default: z.union([z.string(), z.number(), z.boolean()]).optional(),
			enum: z.array(z.string()).optional(),
		}),
	),
})
const { properties } = shape.parse(z.toJSONSchema(variables, { io: 'input', unrepresentable: 'any' }))
const entries = Object.entries(properties).map(([name, { description, default: value, enum: values }]) =>
	[...wrapped(values ? `${description} One of: ${values.join(', ')}.` : description), `#${name}=${value ?? ''}`].join('\n'),
)
const head = [
	'# Every variable that the server reads, with its default. The environment wins over a file named `.env`.',
	'# Copy this file to `.env` and take the # away from what you change. An empty value counts as none.',
]
const text = `${[head.join('\n'), ...entries].join('\n\n')}\n`

if (!process.argv.includes('--check')) await writeFile(file, text)
else if ((await readFile(file, 'utf8').catch(() => '')) !== text) {
	console.error('.env.example is not current; run: npm run env:example')
	process.exitCode = 1
}

/** As comment lines of 100 characters at most. */
function wrapped(sentence: string): string[] {
	const lines = ['#']
	for (const word of sentence.split(' ')) {
		if (`${lines.at(-1)} ${word}`.length <= 100) lines[lines.length - 1] += ` ${word}`
		else lines.push(`# ${word}`)
	}
	return lines
}
