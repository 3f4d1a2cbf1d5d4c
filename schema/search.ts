import { pageOfRanked } from '../src/cursors.ts'
import type { Found } from '../src/retrieval/retrieval.ts'
import { builder } from './builder.ts'
import { message, slugArg, within } from './rules.ts'

const SearchResult = builder.objectRef<Found>('SearchResult').implement({
	description: 'A passage that a search found.',
	fields: (t) => ({
		document: t.exposeString('document', { description: 'The file name of its document.' }),
		documentId: t.exposeID('documentId', { description: 'Its document.' }),
		chunkId: t.exposeID('chunkId', { description: 'The chunk that it is.' }),
		chunk: t.exposeString('text', { description: 'Its text.' }),
		score: t.exposeFloat('score', { description: 'How well it fits, 0 to 1, comparable between queries.' }),
		lexicalScore: t.exposeFloat('lexicalScore', { nullable: true, description: 'How much of the query its words carry, 0 to 1.' }),
		denseScore: t.exposeFloat('denseScore', {
			nullable: true,
			description: 'The cosine of its vector and the query’s; null where there is none.',
		}),
		page: t.exposeInt('page', { nullable: true, description: 'The page that it begins on, where there are pages.' }),
		start: t.exposeInt('start', { description: 'Where it begins in the document’s text, in UTF-16 code units.' }),
		end: t.exposeInt('end', { description: 'Where it ends.' }),
		heading: t.exposeString('heading', { nullable: true, description: 'The headings above it, outermost first.' }),
	}),
})

builder.queryField('search', (t) =>
	t.withAuth({ user: true }).connection(
		{
			type: SearchResult,
			description: 'Finds passages of a workspace’s documents, by words and by meaning, the best first.',
			rest: { method: 'GET', path: '/workspaces/:slug/search', key: 'results' },
			args: {
				slug: t.arg.string(slugArg),
				query: t.arg.string({ required: true, description: 'What to look for, 1 to 2,000 characters.', validate: message(2_000) }),
				limit: t.arg.int({
					required: true,
					defaultValue: 10,
					description: 'Most results, 1 to 50.',
					validate: within(1, 50),
				}),
			},
			async resolve(_root, { slug, query, limit, ...args }, { viewer, services, signal }) {
				const found = await services.search.search(viewer, slug, { query, limit }, signal)
				return { ...pageOfRanked('Search', 'chunkId', args, found), totalCount: found.length }
			},
		},
		{ name: 'SearchConnection' },
		{ name: 'SearchEdge' },
	),
)
