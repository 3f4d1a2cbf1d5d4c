/** What a file says, the same for every format. All offsets are UTF-16 code units into `text`. */
export interface ParsedText {
	/** NFC without stand-ins (see `clean.ts`), lines end with \n, no control characters but \n and \t, no lone surrogates: what PostgreSQL takes and search expects. */
	text: string
	/** In order; empty where the format has no pages; slides are pages. A page without text has `start === end`. */
	pages: PageMark[]
	/** In order; `text` at `start` begins the heading's line, of code the attributes above a declaration. */
	headings: HeadingMark[]
}

export interface PageMark {
	page: number
	start: number
	end: number
}

export interface HeadingMark {
	/** 1 (the title) to 6. */
	level: number
	start: number
	title: string
}

/** The formats that can be read; `adapters.ts` has one reader for each. */
export type Format =
	| 'text'
	| 'markdown'
	| 'html'
	| 'pdf'
	| 'docx'
	| 'pptx'
	| 'xlsx'
	| 'xls'
	| 'doc'
	| 'odt'
	| 'ods'
	| 'odp'
	| 'rtf'
	| 'epub'
	| 'csv'
	| 'json'
	| 'jsonl'
	| 'xml'
	| 'eml'
	| 'msg'
	| 'mhtml'
	| 'ipynb'
	| 'subtitles'
	| 'code'

export interface FileType {
	format: Format
	mimeType: string
}

/** Reads one format. Runs in the child process: it may take all the time and memory it wants. */
export type Adapter = (file: SourceFile) => Promise<ParsedText>

export interface SourceFile {
	path: string
	maxCharacters: number
	/** Reads a file that lies in this one; null for one that cannot be read. */
	inner(file: InnerFile, maxCharacters: number): Promise<ParsedText | null>
}

/** As an attachment of a mail. */
export interface InnerFile {
	name: string
	content: Uint8Array
}
