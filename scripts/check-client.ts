/** Fails when src/generated is not what `prisma generate` makes of prisma/schema.prisma: makes it anew in a folder of its own, and compares. */
import { spawnSync } from 'node:child_process'
import { cp, mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'

const root = path.resolve(import.meta.dirname, '..')
const scratch = await mkdtemp(path.join(tmpdir(), 'client-'))
try {
	// the generators write to ../src/generated, as seen from the schema
	await cp(path.join(root, 'prisma/schema.prisma'), path.join(scratch, 'prisma/schema.prisma'))
	const prisma = path.join(root, 'node_modules/prisma/build/index.js')
	const { status, stdout, stderr } = spawnSync(
		process.execPath,
		[prisma, 'generate', '--schema', path.join(scratch, 'prisma/schema.prisma')],
		{
			cwd: root,
			encoding: 'utf8',
		},
	)
	if (status !== 0) throw new Error(`${stdout}\n${stderr}`)
	const [made, committed] = await Promise.all([contents(path.join(scratch, 'src/generated')), contents(path.join(root, 'src/generated'))])
	const names = [...new Set([...made.keys(), ...committed.keys()])]
	const stale = names.filter((name) => made.get(name) !== committed.get(name))
	for (const name of stale) console.error(`src/generated/${name} is not current`)
	if (stale.length > 0) process.exitCode = 1
} finally {
	await rm(scratch, { recursive: true })
}

async function contents(folder: string): Promise<Map<string, string>> {
	const entries = (await readdir(folder, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile())
	const files = entries.map((entry) => path.join(entry.parentPath, entry.name))
	const texts = await Promise.all(files.map((file) => readFile(file, 'utf8')))
	return new Map(files.map((file, at) => [path.relative(folder, file), (texts[at] ?? '').replaceAll('\r\n', '\n')]))
}
