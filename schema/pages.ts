import type { Pagination as PaginationShape } from '../src/pages.ts'
import { builder } from './builder.ts'
import { optionalText, within } from './rules.ts'

export const Pagination = builder.objectRef<PaginationShape>('Pagination').implement({
	description: 'Where a numbered page stands.',
	fields: (t) => ({
		page: t.exposeInt('page', { description: 'This page, from 1.' }),
		limit: t.exposeInt('limit', { description: 'Most things on a page.' }),
		total: t.exposeInt('total', { description: 'Things on all pages.' }),
		pages: t.exposeInt('pages', { description: 'How many pages there are.' }),
	}),
})

/** The arguments of a numbered page. `limit` is checked against `max`. */
export const pageArgs = (limit: number, max: number) =>
	builder.args((t) => ({
		page: t.int({ required: true, defaultValue: 1, description: 'The page, from 1.', validate: within(1, 1_000_000) }),
		limit: t.int({ required: true, defaultValue: limit, description: `Things on a page, 1 to ${max}.`, validate: within(1, max) }),
		search: t.string({ description: 'Only names that contain this, whatever the case.', validate: optionalText(200) }),
	}))
