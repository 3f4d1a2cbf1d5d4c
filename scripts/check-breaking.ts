/**
 * Fails when the printed contract would break a client of the released one, in schema/released. Not a failure, but said: what may surprise
 * one, as a new value of an enum. `--release` makes the printed contract the released one: at a release, with the breaks in the changelog.
 */
import { copyFile, mkdir, readFile } from 'node:fs/promises'
import path from 'node:path'
import { buildSchema, findBreakingChanges, findDangerousChanges } from 'graphql'
import { breakingChanges } from './openapi-changes.ts'

type Document = Parameters<typeof breakingChanges>[0]

interface Changes {
	breaking: string[]
	surprising: string[]
}

/** How two prints of one contract are compared, by the name of the print. */
const contracts: Readonly<Record<string, (released: string, printed: string) => Changes>> = {
	'schema.graphql': compareGraphQL,
	'openapi.json': compareOpenApi,
}

const printed = path.resolve(import.meta.dirname, '../schema')
const released = path.join(printed, 'released')

for (const [name, compare] of Object.entries(contracts)) {
	if (process.argv.includes('--release')) {
		await mkdir(released, { recursive: true })
		await copyFile(path.join(printed, name), path.join(released, name))
		continue
	}
	const [before, now] = await Promise.all([released, printed].map((folder) => readFile(path.join(folder, name), 'utf8')))
	const { breaking, surprising } = compare(before ?? '', now ?? '')
	for (const change of surprising) console.log(`${name} may surprise: ${change}`)
	for (const change of breaking) console.error(`${name} breaks: ${change}`)
	if (breaking.length > 0) process.exitCode = 1
}

function compareGraphQL(released: string, printed: string): Changes {
	const [before, now] = [buildSchema(released), buildSchema(printed)]
	const inWords = (changes: readonly { description: string }[]) => changes.map(({ description }) => description)
	return { breaking: inWords(findBreakingChanges(before, now)), surprising: inWords(findDangerousChanges(before, now)) }
}

function compareOpenApi(released: string, printed: string): Changes {
	return { breaking: breakingChanges(JSON.parse(released) as Document, JSON.parse(printed) as Document), surprising: [] }
}
