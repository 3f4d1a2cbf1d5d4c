import { createParser } from '../../../src/documents/parsing/parser.ts'

/** A server to be killed: `node parse-one.ts <pdf>` says when its child has been given the file. */
const [path = ''] = process.argv.slice(2)
const parser = createParser({ timeoutMs: 60_000, maxMemoryBytes: 8 * 1024 ** 3 })
const { signal } = new AbortController()
await parser.parse({ path: new URL(import.meta.url).pathname, format: 'text' }, signal)
void parser.parse({ path, format: 'pdf' }, signal).catch(() => {})
process.stdout.write('given\n')
