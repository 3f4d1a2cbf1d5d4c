import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import ts from 'typescript'

const root = path.resolve(import.meta.dirname, '../..')

/** As strict as a careful client developer compiles. */
const OPTIONS: ts.CompilerOptions = {
	strict: true,
	noUncheckedIndexedAccess: true,
	exactOptionalPropertyTypes: true,
	noImplicitReturns: true,
	noEmit: true,
	skipLibCheck: true,
	types: [],
	lib: ['lib.es2024.d.ts', 'lib.dom.d.ts'],
	target: ts.ScriptTarget.ES2024,
	module: ts.ModuleKind.ESNext,
	moduleResolution: ts.ModuleResolutionKind.Bundler,
}

/** What TypeScript says against a project of these files, in a folder of its own; the packages are ours. */
export async function complaints(files: Readonly<Record<string, string>>): Promise<string[]> {
	const folder = await mkdtemp(path.join(tmpdir(), 'client-'))
	try {
		await symlink(path.join(root, 'node_modules'), path.join(folder, 'node_modules'), 'junction')
		for (const [name, text] of Object.entries(files)) {
			const file = path.join(folder, name)
			await mkdir(path.dirname(file), { recursive: true })
			await writeFile(file, text)
		}
		const program = ts.createProgram(
			Object.keys(files).map((name) => path.join(folder, name)),
			OPTIONS,
		)
		return ts.getPreEmitDiagnostics(program).map(({ file, start = 0, messageText }) => {
			const at = file && `${path.relative(folder, file.fileName)}:${file.getLineAndCharacterOfPosition(start).line + 1} `
			return `${at ?? ''}${ts.flattenDiagnosticMessageText(messageText, '\n')}`
		})
	} finally {
		await rm(folder, { recursive: true })
	}
}
