/** Prints the contract: `schema/schema.graphql` and `schema/openapi.json`. `--check` writes nothing and fails when they are not current. */
import { readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { printSchema } from 'graphql'
import { schema } from '../schema/index.ts'
import { openApi } from '../schema/openapi.ts'
import { createGraphQL } from '../src/server/graphql.ts'
import { createRest } from '../src/server/rest/rest.ts'
import { version } from '../src/version.ts'

const folder = path.resolve(import.meta.dirname, '../schema')
const yoga = createGraphQL({ schema, plugins: [], report: () => undefined, contextOf: () => Promise.reject(new Error('prints only')) })
const { openapi } = createRest({ schema, yoga, base: '/api', openApi: openApi(version), report: () => undefined })
const prints = {
	'schema.graphql': `${printSchema(schema)}\n`,
	'openapi.json': `${JSON.stringify(openapi, null, '\t')}\n`,
}

for (const [name, text] of Object.entries(prints)) {
	const file = path.join(folder, name)
	if (!process.argv.includes('--check')) await writeFile(file, text)
	else if ((await readFile(file, 'utf8').catch(() => '')) !== text) {
		console.error(`schema/${name} is not current; run: npm run schema:print`)
		process.exitCode = 1
	}
}
