import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { AppError } from '../../../src/errors.ts'
import { createMatcher } from '../../../src/server/rest/matcher.ts'

const method = fc.constantFrom('GET', 'POST', 'DELETE')
const fixed = fc.stringMatching(/^[a-c]{1,2}$/)
const parameter = fc.constantFrom(':x', ':y', ':z')
const pattern = fc.array(fc.oneof(fixed, parameter), { minLength: 1, maxLength: 4 })
/** Routes as somebody would write them: no parameter twice in a path, no two routes for the same thing. */
const routes = fc
	.array(fc.tuple(method, pattern), { minLength: 1, maxLength: 12 })
	.map((all) =>
		all.map(([method, segments]) => {
			let count = 0
			return { method, path: `/${segments.map((segment) => (segment.startsWith(':') ? `${segment}${++count}` : segment)).join('/')}` }
		}),
	)
	.filter((all) => new Set(all.map(({ method, path }) => `${method} ${path.replace(/:\w+/g, ':')}`)).size === all.length)

describe('the matcher', () => {
	it('gives every parameter back as it was before it was encoded', () => {
		fc.assert(
			fc.property(
				routes,
				fc.nat(),
				fc.array(fc.string({ minLength: 1, unit: 'grapheme' }), { minLength: 4, maxLength: 4 }),
				(all, pick, values) => {
					const route = all[pick % all.length]
					if (!route) return
					const { match } = createMatcher([route])
					const names = [...route.path.matchAll(/:(\w+)/g)].map(([, name]) => name ?? '')
					const sent = Object.fromEntries(names.map((name, index) => [name, values[index] ?? '']))
					const path = route.path.replace(/:(\w+)/g, (_, name: string) => encodeURIComponent(sent[name] ?? ''))
					expect(match(route.method, path)).toEqual({ target: route, parameters: sent })
				},
			),
		)
	})

	it('finds what a search through all patterns finds, a fixed segment before a parameter', () => {
		const path = fc.array(fixed, { minLength: 1, maxLength: 4 }).map((segments) => `/${segments.join('/')}`)
		fc.assert(
			fc.property(routes, method, path, (all, wanted, path) => {
				expect(outcome(() => createMatcher(all).match(wanted, path).target.path)).toEqual(slowMatch(all, wanted, path))
			}),
			{ numRuns: 500 },
		)
	})

	it('refuses two routes for the same thing', () => {
		const twice = [
			{ method: 'GET', path: '/a/:x' },
			{ method: 'GET', path: '/a/:y' },
		]
		expect(() => createMatcher(twice)).toThrow('two routes answer GET /a/:y')
	})
})

type Outcome = string | undefined

function outcome(find: () => string): Outcome {
	try {
		return find()
	} catch (error) {
		return error instanceof AppError ? error.code : undefined
	}
}

function slowMatch(all: readonly { method: string; path: string }[], method: string, path: string): Outcome {
	const matching = all.filter((route) => new RegExp(`^${route.path.replace(/:\w+/g, '[^/]+')}$`).test(path))
	/** Fixed segments sort before parameters, from the left. */
	const rank = ({ path }: { path: string }) => path.replace(/:\w+/g, '~').replace(/[^/~]+/g, '!')
	const best = matching.map(rank).sort()[0]
	if (best === undefined) return 'NOT_FOUND'
	return matching.find((route) => rank(route) === best && route.method === method)?.path ?? 'METHOD_NOT_ALLOWED'
}
