import { AppError } from '../../errors.ts'
import { isOfMachine } from './job.ts'
import type { MIME_TYPES } from './mime-types.ts'
import { listEntries, readEntry } from './zip.ts'

const MAX_MIMETYPE_BYTES = 200

const OPEN_DOCUMENTS: Record<string, keyof typeof MIME_TYPES> = { text: 'odt', spreadsheet: 'ods', presentation: 'odp' }

/** Which document a zip is, by the parts that it has; null for other zips. @throws AppError parseDirectory */
export async function detectZip(path: string): Promise<keyof typeof MIME_TYPES | null> {
	try {
		const names = new Set((await listEntries(path)).map(({ name }) => name))
		if (names.has('[Content_Types].xml')) return detectOffice(names)
		const declared = names.has('mimetype') ? ((await readEntry(path, 'mimetype', MAX_MIMETYPE_BYTES)) ?? '') : ''
		const [, kind = ''] =
			/^application\/vnd\.oasis\.opendocument\.(text|spreadsheet|presentation)(?:-template|-master)?\s*$/.exec(declared) ?? []
		if (kind !== '') return OPEN_DOCUMENTS[kind] ?? null
		return declared.startsWith('application/epub+zip') || names.has('META-INF/container.xml') ? 'epub' : null
	} catch (error) {
		if (isOfMachine(error) || error instanceof AppError) throw error
		return null
	}
}

function detectOffice(names: Set<string>): keyof typeof MIME_TYPES | null {
	if (names.has('ppt/presentation.xml')) return 'pptx'
	if (names.has('xl/workbook.xml')) return 'xlsx'
	return [...names].some((name) => /^word\/document\d*\.xml$/.test(name)) ? 'docx' : null
}
