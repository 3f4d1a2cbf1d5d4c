import { PDFiumModule } from '@hyzyla/pdfium'
import { AppError } from '../../../errors.ts'

/** What of PDFium is used: https://pdfium.googlesource.com/pdfium/+/refs/heads/main/public/fpdf_text.h. Pointers and handles are numbers, 0 is none. */
interface Module {
	HEAPU8: Uint8Array
	wasmExports: { malloc(bytes: number): number; free(pointer: number): void }
	_FPDF_InitLibraryWithConfig(config: object): void
	_FPDF_LoadMemDocument(data: number, bytes: number, password: number): number
	_FPDF_GetLastError(): number
	_FPDF_GetPageCount(document: number): number
	_FPDF_LoadPage(document: number, index: number): number
	_FPDF_ClosePage(page: number): void
	_FPDF_CloseDocument(document: number): void
	_FPDFText_LoadPage(page: number): number
	_FPDFText_ClosePage(text: number): void
	_FPDFText_CountChars(text: number): number
	_FPDFText_GetUnicode(text: number, index: number): number
	_FPDFText_IsGenerated(text: number, index: number): number
	_FPDFText_GetFontWeight(text: number, index: number): number
	_FPDFText_GetLooseCharBox(text: number, index: number, rectangle: number): number
}

/** A character as PDFium orders them; `isGenerated` for the spaces and line ends that it adds by position. */
export interface Box {
	left: number
	top: number
	right: number
	bottom: number
}

/** The text of one page. */
export interface TextPage {
	length: number
	/** A code point; 2 for a hyphen that only splits a word at a line end. */
	codePoint(index: number): number
	isGenerated(index: number): boolean
	/** In points, upwards from the lower left corner. */
	box(index: number): Box
	weight(index: number): number
}

const PASSWORD_ERROR = 4
/** A page count is only a claim: after so many pages that aren't there it is not believed. */
const MAX_MISSING_PAGES = 100

let loading: Promise<Module> | undefined

/** Calls `read` for each page in order; null for one without text. Stops when it returns false. @throws AppError parsePassword, parseBroken */
export async function readPages(bytes: Uint8Array, read: (page: TextPage | null, index: number) => boolean): Promise<void> {
	loading ??= start()
	const module = await loading
	const data = module.wasmExports.malloc(bytes.length)
	if (data === 0) throw new AppError('parseMemory')
	module.HEAPU8.set(bytes, data)
	const document = module._FPDF_LoadMemDocument(data, bytes.length, 0)
	try {
		if (document === 0) throw module._FPDF_GetLastError() === PASSWORD_ERROR ? new AppError('parsePassword') : broken()
		eachPage(module, document, read)
	} finally {
		if (document !== 0) module._FPDF_CloseDocument(document)
		module.wasmExports.free(data)
	}
}

const broken = () => new AppError('parseBroken', { type: 'PDF' })

async function start(): Promise<Module> {
	const module: unknown = await PDFiumModule({})
	const pdfium = module as Module
	pdfium._FPDF_InitLibraryWithConfig({ version: 2, m_pIsolate: null, m_pUserFontPaths: null, m_v8EmbedderSlot: 0, m_pPlatform: null })
	return pdfium
}

function eachPage(module: Module, document: number, read: (page: TextPage | null, index: number) => boolean): void {
	const count = module._FPDF_GetPageCount(document)
	let missing = 0
	for (let index = 0; index < count && missing < MAX_MISSING_PAGES; index++) {
		const page = module._FPDF_LoadPage(document, index)
		const text = page === 0 ? 0 : module._FPDFText_LoadPage(page)
		missing = page === 0 ? missing + 1 : 0
		const goOn = read(text === 0 ? null : textPage(module, text), index)
		if (text !== 0) module._FPDFText_ClosePage(text)
		if (page !== 0) module._FPDF_ClosePage(page)
		if (!goOn) return
	}
	if (missing === count) throw broken()
}

const RECTANGLE_BYTES = 16

function textPage(module: Module, text: number): TextPage {
	return {
		length: Math.max(0, module._FPDFText_CountChars(text)),
		codePoint: (index) => module._FPDFText_GetUnicode(text, index),
		isGenerated: (index) => module._FPDFText_IsGenerated(text, index) === 1,
		weight: (index) => module._FPDFText_GetFontWeight(text, index),
		box(index) {
			const pointer = module.wasmExports.malloc(RECTANGLE_BYTES)
			const isFound = module._FPDFText_GetLooseCharBox(text, index, pointer) === 1
			const [left = 0, top = 0, right = 0, bottom = 0] = isFound ? new Float32Array(module.HEAPU8.buffer, pointer, 4) : []
			module.wasmExports.free(pointer)
			return { left, top, right, bottom }
		},
	}
}
