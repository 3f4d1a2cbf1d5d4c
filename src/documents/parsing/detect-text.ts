import { extname } from 'node:path'
import { tableDelimiter } from './records.ts'
import type { FileType, Format } from './types.ts'

/** What kind of text a text is: by how it begins, else by its name. `isWhole`: there is nothing behind `text`. */
export function detectText(text: string, name: string, isWhole: boolean): FileType {
	const extension = extname(name).toLowerCase()
	if (HTML_START.test(text)) return html
	const mail = mailFormat(text, extension)
	if (mail) return mail
	if (/^\s*WEBVTT(?:[ \t].*)?(?:\r?\n|$)/.test(text)) return { format: 'subtitles', mimeType: 'text/vtt' }
	if (/^\s*\d+[ \t]*\r?\n(?:\d{1,3}:)?\d{1,2}:\d{2}[.,]\d{1,3} --> /.test(text))
		return { format: 'subtitles', mimeType: 'application/x-subrip' }
	if (HTML_NAMES.has(extension) && /<[a-z][^<>]*>/i.test(text)) return html
	if (/^\s*<\?xml[\s?]/.test(text) || (XML_NAMES.has(extension) && /^\s*<[!?\p{L}_]/u.test(text))) return xmlType(extension)
	return (
		jsonType(text, extension, isWhole) ??
		BY_NAME.get(extension) ??
		BY_WHOLE_NAME.get(name.toLowerCase()) ??
		byShebang(text) ??
		tableType(text, isWhole) ?? { format: 'text', mimeType: 'text/plain' }
	)
}

const html: FileType = { format: 'html', mimeType: 'text/html' }
const HTML_START = /^\s*(?:<\?xml[^>]{0,200}>\s*)?(?:<!--(?:(?!-->)[\s\S]){0,2000}-->\s*){0,5}<(?:!doctype\s+html|html|head|body)[\s>]/i
const HTML_NAMES = new Set(['.html', '.htm', '.xhtml'])
const XML_NAMES = new Set([
	'.xml',
	'.rss',
	'.atom',
	'.svg',
	'.xsd',
	'.xsl',
	'.xslt',
	'.wsdl',
	'.fodt',
	'.docbook',
	'.dita',
	'.opml',
	'.kml',
	'.gpx',
	'.plist',
])

const xmlType = (extension: string): FileType => ({ format: 'xml', mimeType: extension === '.svg' ? 'image/svg+xml' : 'application/xml' })

const MAIL_FIELDS =
	/^(?:from|to|cc|subject|date|received|message-id|mime-version|return-path|delivered-to|content-type|reply-to|sender|dkim-signature)\s*:/i
const MAX_HEADER_LINES = 500

/** A mail begins with fields, one a line, among them at least two of those that mails have. */
function mailFormat(text: string, extension: string): FileType | null {
	const known = new Set<string>()
	let header = ''
	const lines = text.slice(0, 60_000).replace(/^\s+/, '').split(/\r?\n/, MAX_HEADER_LINES)
	for (const [index, line] of lines.entries()) {
		if (line === '') break
		if (index === 0 && /^From \S+ /.test(line)) continue // an mbox
		if (!/^(?:[!-9;-~]{1,76}:|[ \t])/.test(line)) return null
		const [field] = MAIL_FIELDS.exec(line) ?? []
		if (field) known.add(field.toLowerCase().replace(/\s*:$/, ''))
		header += `${line}\n`
	}
	const isMail = known.size > 1 && ['from', 'received', 'mime-version', 'message-id', 'return-path'].some((field) => known.has(field))
	if (!isMail) return null
	const isPage =
		/^content-type:\s*multipart\/related/im.test(header) && !['to', 'received', 'delivered-to'].some((field) => known.has(field))
	const isSavedPage = /^snapshot-content-location:/im.test(header) || isPage
	if (isSavedPage && extension !== '.eml') return { format: 'mhtml', mimeType: 'multipart/related' }
	return { format: 'eml', mimeType: 'message/rfc822' }
}

/** Objects and lists as JSON writes them; of a long file only the beginning is seen. */
function jsonType(text: string, extension: string, isWhole: boolean): FileType | null {
	if (!/^\s*(?:\{\s*(?:"(?:[^"\\]|\\.){0,200}"\s*:|\}\s*$)|\[\s*(?:[[{"\d-]|true|false|null|\]\s*$))/.test(text)) return null
	const lines = text.split('\n').filter((line) => line.trim() !== '')
	const records = isWhole ? lines : lines.slice(0, -1)
	if (extension === '.ipynb' || /^\s*\{[\s\S]{0,1000}"cell_type"\s*:/.test(text) || /"nbformat"\s*:\s*\d/.test(text)) return notebook
	if (records.length > 1 && records.slice(0, 5).every(isRecord)) return { format: 'jsonl', mimeType: 'application/jsonl' }
	const isJson = isWhole ? isValid(text) : /^\s*(?:\{\s*"|\[\s*[[{])/.test(text)
	if (isJson || extension === '.json') return { format: 'json', mimeType: 'application/json' }
	return null
}

const notebook: FileType = { format: 'ipynb', mimeType: 'application/x-ipynb+json' }

const isRecord = (line: string): boolean => /^\s*\{.*\}\s*$/.test(line) && isValid(line)

function isValid(text: string): boolean {
	try {
		JSON.parse(text)
		return true
	} catch {
		return false
	}
}

const code = (names: string, mimeType: string): [string, FileType][] =>
	names.split(' ').map((name) => [`.${name}`, { format: 'code', mimeType }])
const kind = (format: Format, names: string, mimeType: string): [string, FileType][] =>
	names.split(' ').map((name) => [`.${name}`, { format, mimeType }])

const BY_NAME = new Map<string, FileType>([
	...kind('markdown', 'md markdown mdown mkd mdx qmd rmd', 'text/markdown'),
	...kind('csv', 'csv', 'text/csv'),
	...kind('csv', 'tsv tab', 'text/tab-separated-values'),
	...kind('jsonl', 'jsonl ndjson', 'application/jsonl'),
	...kind('subtitles', 'vtt', 'text/vtt'),
	...code('js mjs cjs jsx', 'text/javascript'),
	...code('ts mts cts tsx', 'text/x-typescript'),
	...code('py pyi', 'text/x-python'),
	...code('c h', 'text/x-c'),
	...code('cc cpp cxx hh hpp hxx', 'text/x-c++'),
	...code('java', 'text/x-java'),
	...code('cs', 'text/x-csharp'),
	...code('go', 'text/x-go'),
	...code('rs', 'text/x-rust'),
	...code('rb', 'text/x-ruby'),
	...code('php', 'text/x-php'),
	...code('sh bash zsh', 'text/x-shellscript'),
	...code('sql', 'application/sql'),
	...code(
		'kt kts swift scala dart lua pl pm r jl ex exs erl hs ml fs vb ps1 groovy gradle m mm clj proto graphql gql thrift zig nim vue svelte css scss less',
		'text/x-source',
	),
	...code('yaml yml', 'application/yaml'),
	...code('toml', 'application/toml'),
])
const BY_WHOLE_NAME = new Map<string, FileType>(
	['dockerfile', 'makefile', 'jenkinsfile', 'gemfile', 'rakefile'].map((name) => [name, { format: 'code', mimeType: 'text/x-source' }]),
)

const byShebang = (text: string): FileType | null => (/^#!\s*\/\S+/.test(text) ? { format: 'code', mimeType: 'text/x-script' } : null)

function tableType(text: string, isWhole: boolean): FileType | null {
	const delimiter = tableDelimiter(text, isWhole)
	return delimiter === null ? null : { format: 'csv', mimeType: delimiter === '\t' ? 'text/tab-separated-values' : 'text/csv' }
}
