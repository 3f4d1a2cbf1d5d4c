import { z } from 'zod'
import { type CursorArgs, pageOfRanked } from '../src/cursors.ts'
import type { Format } from '../src/documents/parsing/types.ts'
import type { MatchedTerm, Placed, SearchResult as Result } from '../src/search/results.ts'
import type { SearchAnswer } from '../src/search/search.ts'
import type { Marked, Span } from '../src/search/snippet.ts'
import { builder } from './builder.ts'
import { periodArgs } from './connections.ts'
import { listedSlugs, message, slugArg, within } from './rules.ts'

const FORMATS: Readonly<Record<Format, string>> = {
	text: 'Plain text.',
	markdown: 'Markdown.',
	html: 'HTML.',
	pdf: 'PDF.',
	docx: 'Word.',
	pptx: 'PowerPoint.',
	xlsx: 'Excel.',
	xls: 'Excel, up to 2003.',
	doc: 'Word, up to 2003.',
	odt: 'A text of OpenDocument.',
	ods: 'A spreadsheet of OpenDocument.',
	odp: 'A presentation of OpenDocument.',
	rtf: 'Rich text.',
	epub: 'A book in EPUB.',
	csv: 'Values separated by commas or tabs.',
	json: 'JSON.',
	jsonl: 'JSON, one value a line.',
	xml: 'XML.',
	eml: 'A mail.',
	msg: 'A mail of Outlook.',
	mhtml: 'A saved web page.',
	ipynb: 'A notebook of Jupyter.',
	subtitles: 'Subtitles, SRT or WebVTT.',
	code: 'Source code.',
}

const DocumentType = builder.enumType('DocumentType', {
	description: 'What a document is, told by its content.',
	values: Object.fromEntries(
		Object.entries(FORMATS).map(([format, description]) => [format.toUpperCase(), { value: format as Format, description }]),
	),
})

const TextSpan = builder.objectRef<Span>('TextSpan').implement({
	description: 'A stretch of a document’s text, in UTF-16 code units.',
	fields: (t) => ({
		start: t.exposeInt('start', { description: 'Where it begins.' }),
		end: t.exposeInt('end', { description: 'Where it ends.' }),
	}),
})

const SearchSnippet = builder.objectRef<Marked>('SearchSnippet').implement({
	description: 'The sentences of a result that tell most about the query.',
	fields: (t) => ({
		text: t.exposeString('text', { description: 'What they say; about 240 characters at most.' }),
		start: t.exposeInt('start', { description: 'Where they begin in the document’s text, in UTF-16 code units.' }),
		end: t.exposeInt('end', { description: 'Where they end.' }),
		highlights: t.field({
			type: [TextSpan],
			description: 'Where the words of the query stand, as offsets into the document’s text too.',
			resolve: ({ highlights }) => highlights,
		}),
	}),
})

const SearchPassage = builder.objectRef<Marked & { chunkIds: number[] }>('SearchPassage').implement({
	description: 'A result with its neighbours in the document that were found too.',
	fields: (t) => ({
		text: t.exposeString('text', { description: 'The document’s text from the first of them to the last.' }),
		start: t.exposeInt('start', { description: 'Where it begins in the document’s text, in UTF-16 code units.' }),
		end: t.exposeInt('end', { description: 'Where it ends.' }),
		chunkIds: t.exposeIDList('chunkIds', { description: 'Its chunks, in the order of the text.' }),
		highlights: t.field({
			type: [TextSpan],
			description: 'Where the words of the query stand, as offsets into the document’s text too.',
			resolve: ({ highlights }) => highlights,
		}),
	}),
})

const SearchTerm = builder.objectRef<MatchedTerm>('SearchTerm').implement({
	description: 'A term of the query that a result has.',
	fields: (t) => ({
		term: t.exposeString('term', {
			description: 'As it is compared: in lower case, an English word as its root, Chinese in simplified characters, one or two of them.',
		}),
		count: t.exposeInt('count', { description: 'How often the result has it.' }),
		share: t.exposeFloat('share', { description: 'How much of what the query says it is, 0 to 1: rare terms say more.' }),
	}),
})

const SearchDuplicate = builder.objectRef<Placed>('SearchDuplicate').implement({
	description: 'A chunk that says nearly the same as a result.',
	fields: (t) => ({
		document: t.exposeString('document', { description: 'The file name of its document.' }),
		documentId: t.exposeID('documentId', { description: 'Its document.' }),
		workspace: t.exposeString('workspace', { description: 'The slug of its workspace.' }),
		chunkId: t.exposeID('chunkId', { description: 'The chunk that it is.' }),
		score: t.exposeFloat('score', { description: 'How well it fits, 0 to 1.' }),
		start: t.exposeInt('start', { description: 'Where it begins in its document’s text, in UTF-16 code units.' }),
		end: t.exposeInt('end', { description: 'Where it ends.' }),
	}),
})

const SearchResult = builder.objectRef<Result>('SearchResult').implement({
	description: 'A passage that a search found.',
	fields: (t) => ({
		document: t.exposeString('document', { description: 'The file name of its document.' }),
		documentId: t.exposeID('documentId', { description: 'Its document.' }),
		workspace: t.exposeString('workspace', { description: 'The slug of its workspace.' }),
		chunkId: t.exposeID('chunkId', { description: 'The chunk that it is.' }),
		chunk: t.exposeString('text', { description: 'Its text.' }),
		score: t.exposeFloat('score', { description: 'How well it fits, 0 to 1, comparable between queries.' }),
		lexicalScore: t.exposeFloat('lexicalScore', { nullable: true, description: 'How much of the query its words carry, 0 to 1.' }),
		denseScore: t.exposeFloat('denseScore', {
			nullable: true,
			description: 'The cosine of its vector and the query’s; null where there is none.',
		}),
		fusedScore: t.exposeFloat('fusedScore', {
			description:
				'What the order is by, 0 to 1: words and vectors by their weights, each from the worst to the best that this search found.',
		}),
		rerankScore: t.exposeFloat('rerankScore', {
			nullable: true,
			description:
				'What the reranker says of it, by which the best are in order; only those of one search may be compared. Null where none is set, the workspace does not want it, or it did not answer: then the order is that without.',
		}),
		page: t.exposeInt('page', { nullable: true, description: 'The page that it begins on, where there are pages.' }),
		start: t.exposeInt('start', { description: 'Where it begins in the document’s text, in UTF-16 code units.' }),
		end: t.exposeInt('end', { description: 'Where it ends.' }),
		heading: t.exposeString('heading', { nullable: true, description: 'The headings above it, outermost first.' }),
		matchedTerms: t.field({
			type: [SearchTerm],
			description: 'The terms of the query that it has, those that say most first.',
			resolve: ({ matchedTerms }) => matchedTerms,
		}),
		snippet: t.field({
			type: SearchSnippet,
			description: 'What to show of it in a list, with the words of the query marked.',
			resolve: (result) => result.snippet(),
		}),
		passage: t.field({
			type: SearchPassage,
			description: 'It and its neighbours that were found too; without such, itself.',
			resolve: (result) => result.passage(),
		}),
		duplicates: t.field({
			type: [SearchDuplicate],
			description: 'Chunks that say nearly the same, and are no results of their own therefore.',
			resolve: ({ duplicates }) => duplicates,
		}),
	}),
})

const QueryLanguage = builder.enumType('QueryLanguage', {
	description: 'The language of a query, told by its letters.',
	values: {
		ZH: { value: 'zh', description: 'Chinese, in characters that both of its scripts have.' },
		ZH_HANS: { value: 'zh-Hans', description: 'Simplified Chinese.' },
		ZH_HANT: { value: 'zh-Hant', description: 'Traditional Chinese.' },
		JA: { value: 'ja', description: 'Japanese.' },
		KO: { value: 'ko', description: 'Korean.' },
		EN: { value: 'en', description: 'English, or another language without accents.' },
		UND: { value: 'und', description: 'Another, or none.' },
	} as const,
})

const Reranking = builder.enumType('Reranking', {
	description: 'Whether a reranker made an order.',
	values: {
		OFF: { value: 'off', description: 'None is set, or a workspace does not want it.' },
		DONE: { value: 'done', description: 'It did.' },
		FAILED: { value: 'failed', description: 'It did not answer, or not in time: the order is that without.' },
	} as const,
})

const MAX_LISTED = 1_000

/** What both searches take. */
const searchArgs = () =>
	builder.args((t) => ({
		query: t.string({ required: true, description: 'What to look for, 1 to 2,000 characters.', validate: message(2_000) }),
		limit: t.int({
			description: 'Most results, 1 to 50; what the workspace says, or 10, unless given.',
			validate: within(1, 50).nullish(),
		}),
		documentIds: t.idList({
			description: 'Only in these documents, at most 1,000. One that the caller may not know of has nothing.',
			validate: z.array(z.unknown()).max(MAX_LISTED).nullish(),
		}),
		types: t.field({
			type: [DocumentType],
			description: 'Only in documents of these types.',
			validate: z.array(z.unknown()).max(MAX_LISTED).nullish(),
		}),
		metadata: t.field({
			type: 'JSONObject',
			description: 'Only in documents whose metadata has these keys, with the same values.',
		}),
		...periodArgs(),
		join: t.boolean({ required: true, defaultValue: true, description: 'Whether neighbours in a document are one result.' }),
		fold: t.boolean({ required: true, defaultValue: true, description: 'Whether passages that say nearly the same are one result.' }),
		perDocument: t.int({
			description: 'Most results of one document, 1 to 50, so that others are shown too; any number unless given.',
			validate: within(1, 50).nullish(),
		}),
	}))

const connectionFrom = ({ language, reranking, results }: SearchAnswer, args: CursorArgs) => ({
	...pageOfRanked('Search', 'chunkId', args, results),
	totalCount: results.length,
	language,
	reranking,
})

const SearchConnection = builder.connectionObject(
	{
		type: SearchResult,
		name: 'SearchConnection',
		fields: (t) => ({
			language: t.field({
				type: QueryLanguage,
				description: 'The language of the query.',
				resolve: (connection) => (connection as unknown as SearchAnswer).language,
			}),
			reranking: t.field({
				type: Reranking,
				description: 'Whether a reranker made the order.',
				resolve: (connection) => (connection as unknown as SearchAnswer).reranking,
			}),
		}),
	},
	{ name: 'SearchEdge' },
)

builder.queryField('search', (t) =>
	t.withAuth({ user: true }).field({
		type: SearchConnection,
		description: 'Finds passages of a workspace’s documents, by words and by meaning, the best first.',
		rest: { method: 'GET', path: '/workspaces/:slug/search', key: 'results' },
		args: { slug: t.arg.string(slugArg), ...searchArgs(), ...t.arg.connectionArgs() },
		async resolve(_root, { slug, ...args }, { viewer, services, signal }) {
			return connectionFrom(await services.search.search(viewer, slug, args, signal), args)
		},
	}),
)

builder.queryField('searchAll', (t) =>
	t.withAuth({ user: true }).field({
		type: SearchConnection,
		description: 'The same in several workspaces at once.',
		rest: { method: 'GET', path: '/search', key: 'results' },
		args: {
			workspaces: t.arg.stringList({
				description: 'The slugs of the workspaces, at most 100; all that the caller may know of, up to 1,000, unless given.',
				validate: listedSlugs(100),
			}),
			...searchArgs(),
			...t.arg.connectionArgs(),
		},
		async resolve(_root, { workspaces, ...args }, { viewer, services, signal }) {
			return connectionFrom(await services.search.searchAll(viewer, workspaces ?? null, args, signal), args)
		},
	}),
)
