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
	docx: { name: 'DOCX', load: async () => (await import('./docx.ts')).parseDocx },
}
