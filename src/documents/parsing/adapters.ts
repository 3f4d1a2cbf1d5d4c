import type { Adapter, Format } from './types.ts'

interface Reader {
	/** As users call it. */
	name: string
	/** Loaded when its first file comes. */
	load: () => Promise<Adapter>
}

/** One line a format. */
export const adapters: Record<Format, Reader> = {
	text: { name: 'text', load: async () => (await import('./text.ts')).parseText },
	markdown: { name: 'Markdown', load: async () => (await import('./markdown.ts')).parseMarkdown },
	html: { name: 'HTML', load: async () => (await import('./html.ts')).parseHtml },
	pdf: { name: 'PDF', load: async () => (await import('./pdf/pdf.ts')).parsePdf },
	docx: { name: 'DOCX', load: async () => (await import('./docx/docx.ts')).parseDocx },
	pptx: { name: 'PPTX', load: async () => (await import('./pptx.ts')).parsePptx },
	xlsx: { name: 'XLSX', load: async () => (await import('./xlsx.ts')).parseXlsx },
	xls: { name: 'XLS', load: async () => (await import('./xls.ts')).parseXls },
	doc: { name: 'DOC', load: async () => (await import('./doc.ts')).parseDoc },
	odt: { name: 'ODT', load: async () => (await import('./odf.ts')).parseOdf },
	ods: { name: 'ODS', load: async () => (await import('./odf.ts')).parseOdf },
	odp: { name: 'ODP', load: async () => (await import('./odf.ts')).parseOdf },
	rtf: { name: 'RTF', load: async () => (await import('./rtf.ts')).parseRtf },
	epub: { name: 'EPUB', load: async () => (await import('./epub.ts')).parseEpub },
	csv: { name: 'CSV', load: async () => (await import('./delimited.ts')).parseDelimited },
	json: { name: 'JSON', load: async () => (await import('./json.ts')).parseJson },
	jsonl: { name: 'JSON Lines', load: async () => (await import('./json.ts')).parseJsonLines },
	xml: { name: 'XML', load: async () => (await import('./xml-document.ts')).parseXmlDocument },
	eml: { name: 'EML', load: async () => (await import('./eml.ts')).parseEml },
	msg: { name: 'MSG', load: async () => (await import('./msg.ts')).parseMsg },
	mhtml: { name: 'MHTML', load: async () => (await import('./eml.ts')).parseMhtml },
	ipynb: { name: 'Jupyter', load: async () => (await import('./notebook.ts')).parseNotebook },
	subtitles: { name: 'SRT', load: async () => (await import('./subtitles.ts')).parseSubtitles },
	code: { name: 'source code', load: async () => (await import('./code.ts')).parseCode },
}
