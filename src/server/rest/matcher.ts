import { AppError } from '../../errors.ts'
import { parametersOf } from './routes.ts'

interface Match<Target> {
	readonly target: Target
	/** Decoded, by name. */
	readonly parameters: Readonly<Record<string, string>>
}

interface Entry<Target> {
	readonly target: Target
	readonly names: readonly string[]
}

/** One place in the tree of paths; a fixed segment is tried before a parameter. */
interface Place<Target> {
	readonly fixed: Map<string, Place<Target>>
	parameter: Place<Target> | undefined
	readonly methods: Map<string, Entry<Target>>
}

/** Reads paths below the base, still encoded, without a query string. */
interface Matcher<Target> {
	/**
	 * Who answers a method; HEAD is answered as GET.
	 * @throws AppError NOT_FOUND, METHOD_NOT_ALLOWED with the methods that the path has, BAD_REQUEST when a parameter is not well encoded.
	 */
	match(method: string, path: string): Match<Target>
	/** As `Allow` lists them. @throws AppError NOT_FOUND. */
	methodsAt(path: string): string
}

export function createMatcher<Target extends { readonly method: string; readonly path: string }>(
	targets: readonly Target[],
): Matcher<Target> {
	const root = emptyPlace<Target>()
	for (const target of targets) insert(root, target)

	function placeOf(path: string, values: string[]): Place<Target> {
		const place = find(root, path.split('/'), 0, values)
		if (!place) throw new AppError('noSuchPath')
		return place
	}

	return {
		match(method, path) {
			const values: string[] = []
			const place = placeOf(path, values)
			const entry = place.methods.get(method === 'HEAD' ? 'GET' : method)
			if (!entry) throw new AppError('methodNotAllowed', { method, allow: allowed(place) })
			return { target: entry.target, parameters: decoded(entry.names, values) }
		},
		methodsAt: (path) => allowed(placeOf(path, [])),
	}
}

function insert<Target extends { readonly method: string; readonly path: string }>(root: Place<Target>, target: Target): void {
	let place = root
	for (const segment of target.path.split('/')) place = segment.startsWith(':') ? parameterOf(place) : fixedOf(place, segment)
	if (place.methods.has(target.method)) throw new Error(`two routes answer ${target.method} ${target.path}`)
	place.methods.set(target.method, { target, names: parametersOf(target.path) })
}

function parameterOf<Target>(place: Place<Target>): Place<Target> {
	place.parameter ??= emptyPlace()
	return place.parameter
}

function fixedOf<Target>(place: Place<Target>, segment: string): Place<Target> {
	const next = place.fixed.get(segment) ?? emptyPlace()
	place.fixed.set(segment, next)
	return next
}

function find<Target>(place: Place<Target>, segments: readonly string[], depth: number, values: string[]): Place<Target> | undefined {
	const segment = segments[depth]
	if (segment === undefined) return place.methods.size > 0 ? place : undefined
	const next = place.fixed.get(segment)
	const found = next && find(next, segments, depth + 1, values)
	if (found || segment === '' || !place.parameter) return found
	values.push(segment)
	const below = find(place.parameter, segments, depth + 1, values)
	if (!below) values.pop()
	return below
}

function decoded(names: readonly string[], values: readonly string[]): Record<string, string> {
	try {
		return Object.fromEntries(names.map((name, index) => [name, decodeURIComponent(values[index] ?? '')]))
	} catch {
		throw new AppError('badPath')
	}
}

const allowed = ({ methods }: Place<unknown>): string =>
	[...[...methods.keys()].flatMap((method) => (method === 'GET' ? ['GET', 'HEAD'] : [method])), 'OPTIONS'].join(', ')

const emptyPlace = <Target>(): Place<Target> => ({ fixed: new Map(), parameter: undefined, methods: new Map() })
