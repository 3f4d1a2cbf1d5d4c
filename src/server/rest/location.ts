import { getNamedType, isObjectType } from 'graphql'
import type { Route } from './routes.ts'
import { nodeOf } from './shape.ts'

/** Makes the `Location` of an answer out of the request's path parameters and the answer's data. */
export type Locate = (parameters: Readonly<Record<string, string>>, data: unknown) => string

/** Compiles the route's `location`. @throws Error when it names a value that is neither in the path nor in the data. */
export function locator(route: Route, base: string): Locate | undefined {
	if (route.location === undefined) return undefined
	const segments = route.location.split('/').map((segment) => segmentOf(route, segment))
	return (parameters, data) => base + segments.map((segment) => segment(parameters, data)).join('/')
}

function segmentOf(route: Route, segment: string): Locate {
	if (!segment.startsWith(':')) return () => segment
	const path = segment.slice(1)
	if (route.parameters.includes(path)) return (parameters) => encodeURIComponent(parameters[path] ?? '')
	const names = path.split('.')
	if (!isInData(route, names)) throw new Error(`${route.coordinate}: the location names "${path}", which the answer lacks`)
	return (_parameters, data) => encodeURIComponent(String(names.reduce<unknown>(property, data)))
}

const property = (value: unknown, name: string): unknown => (value as Record<string, unknown> | null)?.[name]

function isInData({ field, key }: Route, names: readonly string[]): boolean {
	if (nodeOf(field.type)) return false
	const [first, ...rest] = names
	if (key !== undefined && first !== key) return false
	let type = getNamedType(field.type)
	for (const name of key === undefined ? names : rest) {
		const next = isObjectType(type) ? type.getFields()[name] : undefined
		if (!next) return false
		type = getNamedType(next.type)
	}
	return true
}
